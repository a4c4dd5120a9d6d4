// Few descriptors, no room in files, a stderr that takes nothing: what the shim does still works, or costs
// nothing.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

using testing::IsSupersetOf;

struct Ending {
  std::string title;
  std::vector<std::string> argv;
  int status;
};

void PrintTo(const Ending &ending, std::ostream *out) { *out << ending.title; }

class Scarce : public PreloadTest, public testing::WithParamInterface<Ending> {
 protected:
  Command command(std::map<std::string, std::string> env) const {
    Command result{.argv = GetParam().argv, .env = std::move(env)};
    result.argv[0] = program(result.argv[0]);
    result.deadline = std::chrono::seconds(10);
    return result;
  }
};

// Before: sh: timed out, write: failed and the record fell back on stderr.
TEST_P(Scarce, DescriptorsAreEnoughForCleanupsAndTheRecord) {
  const std::string out = file("out");
  Command shimmed =
      command({{"AXSHIM_CLEANUP", "write=write:" + out + "=written;sh=sh:echo shell >> " + out}});
  shimmed.limits = {{RLIMIT_NOFILE, 64}};
  const Outcome end = recorded(shimmed);
  EXPECT_EQ(end.status, GetParam().status) << describe(end.status);
  EXPECT_EQ(end.err, "");
  EXPECT_EQ(read_file(out), "shell\nwritten\n");
  EXPECT_THAT(outcomes(only_record(log())), IsSupersetOf({"sh: ran", "write: ran"}));
}

// Before: killed by SIGXFSZ at the orderly end.
TEST_P(Scarce, RoomInFilesFailsACleanupAndNoMore) {
  Command shimmed =
      command({{"AXSHIM_CLEANUP", "write:" + file("out").string() + "=x"}, {"AXSHIM_LOG", "none"}});
  shimmed.limits = {{RLIMIT_FSIZE, 0}};
  const Outcome end = preloaded(shimmed);
  EXPECT_EQ(end.status, GetParam().status) << describe(end.status);
  EXPECT_EQ(read_file(file("out")), "");
}

// Before: killed by SIGPIPE at the start; hung at the start.
TEST_P(Scarce, RoomOnStderrForAComplaintDoesNotStopTheProgram) {
  for (const auto &make_scarce : {broken_pipe_as_stderr, full_pipe_as_stderr}) {
    SCOPED_TRACE(make_scarce == broken_pipe_as_stderr ? "a broken pipe" : "a full pipe");
    Command shimmed = command({{"AXSHIM_FORMAT", "bad"}, {"AXSHIM_LOG", log()}});
    shimmed.before_exec = make_scarce;
    const Outcome end = recorded(shimmed);
    EXPECT_EQ(end.status, GetParam().status) << describe(end.status);
  }
  EXPECT_EQ(records_of(log()).size(), 2U);
}

INSTANTIATE_TEST_SUITE_P(At, Scarce,
                         testing::Values(Ending{"Return", {"returns_status", "3"}, exited(3)},
                                         Ending{"UnderscoreExit", {"calls__exit", "3"}, exited(3)},
                                         Ending{"Sigterm", {"raises_signal", "15"}, killed(SIGTERM)}),
                         [](const auto &info) { return info.param.title; });

// Without memory for a stack of its own the shim does what it has to on the thread's. Seen to fail (SIGSEGV)
// with the stack's address taken as it comes.
class NoRoom : public PreloadTest, public testing::WithParamInterface<const char *> {};

TEST_P(NoRoom, InMemoryStillLeavesARecord) {
  const Path lock = make_file("lock");
  const Command command{.argv = {program("has_no_room_left"), GetParam()},
                        .env = {{"AXSHIM_CLEANUP", "lock=unlink:" + lock.string()}}};
  const Outcome plain = bare(command), end = recorded(command);
  expect_same(plain, end);
  EXPECT_EQ(records_of(log()).size(), 1U);
  EXPECT_FALSE(std::filesystem::exists(lock));
}

INSTANTIATE_TEST_SUITE_P(At, NoRoom,
                         testing::Values("return", "exit", "_exit", "abort", "sigterm", "sigsegv"),
                         [](const auto &info) { return std::string(info.param); });

}  // namespace
}  // namespace axshim_test
