// Under a seccomp filter that kills at any other system call: more ways to end, and what is no filter.
#include <signal.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

using testing::ElementsAre;

struct Filtered {
  std::string how;
  int status;
  std::string cleanup;
};

void PrintTo(const Filtered &filtered, std::ostream *out) { *out << filtered.how; }

// Before: SIGSYS at each end with status 0; the program went on behind the breakpoint, and lived on after the
// kill from outside.
class Filter : public PreloadTest, public testing::WithParamInterface<Filtered> {};

TEST_P(Filter, LeavesTheEndAsItWas) {
  const auto &[how, status, cleanup] = GetParam();
  Command command{.argv = {program("filters_itself"), how},
                  .env = {{"AXSHIM_CLEANUP", cleanup}, {"AXSHIM_LOG", "none"}}};
  if (how == "waits") command.interact = [](pid_t pid) { kill(pid, SIGSEGV); };
  command.deadline = std::chrono::seconds(10);
  const Outcome plain = bare(command);
  EXPECT_EQ(plain.status, status) << describe(plain.status);
  expect_same(plain, preloaded(command));
}

INSTANTIATE_TEST_SUITE_P(
    AndThen, Filter,
    testing::Values(Filtered{"return", exited(0), "unlink:lock"}, Filtered{"exit", exited(0), "unlink:lock"},
                    Filtered{"_exit", exited(0), "unlink:lock"}, Filtered{"return", exited(0), "flush:"},
                    Filtered{"exit", exited(0), "flush:"}, Filtered{"_exit", exited(0), "flush:"},
                    Filtered{"breakpoint", killed(SIGTRAP), "unlink:lock"},
                    Filtered{"waits", killed(SIGSEGV), "unlink:lock"}),
    [](const auto &info) {
      return info.param.how + (info.param.cleanup == "flush:" ? "WithFlush" : "WithUnlink");
    });

using Filters = PreloadTest;

// Before: SIGSYS.
TEST_F(Filters, LetAThreadThatIsOlderEnd) {
  const Command command{.argv = {program("filters_its_threads")},
                        .env = {{"AXSHIM_CLEANUP", "unlink:lock"}, {"AXSHIM_LOG", "none"}}};
  const Outcome plain = bare(command);
  EXPECT_EQ(plain.status, exited(0)) << describe(plain.status);
  expect_same(plain, preloaded(command));
}

// Before: the crash's record was written into it.
TEST_F(Filters, LeaveADataFileAlone) {
  for (const char *how : {"return", "_exit", "null"}) {
    SCOPED_TRACE(how);
    const Path data = make_file("data", "");
    const Outcome end = preloaded({.argv = {program("filters_itself"), how, data},
                                   .env = {{"AXSHIM_CLEANUP", "unlink:lock"}, {"AXSHIM_REPORT", "always"}}});
    EXPECT_EQ(end.status, *how == 'n' ? killed(SIGSEGV) : exited(0)) << describe(end.status);
    EXPECT_EQ(read_file(data), "");
  }
}

// Before: no record, and no cleanup ran.
TEST_F(Filters, ThatAreOnlyAskedForLeaveCleanupsToRun) {
  const Outcome end =
      recorded({.argv = {program("probes_seccomp")}, .env = {{"AXSHIM_CLEANUP", "lock=unlink:lock"}}});
  EXPECT_EQ(end.status, killed(SIGTERM)) << describe(end.status);
  EXPECT_THAT(outcomes(only_record(log())), ElementsAre("lock: ran"));
}

}  // namespace
}  // namespace axshim_test
