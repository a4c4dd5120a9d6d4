// Under a filter that allows what the program needs for one step, and nothing more: the shim needs nothing
// for it either.
#include <signal.h>
#include <sys/syscall.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

struct Step {
  std::string what;
  int status;
  std::vector<int> needs = {};  // beyond write, gettid, exit and sigreturn
};

void PrintTo(const Step &step, std::ostream *out) { *out << step.what; }

class Filtered : public PreloadTest, public testing::WithParamInterface<Step> {
 protected:
  Command command(const std::string &entry, std::map<std::string, std::string> env) const {
    env.emplace("AXSHIM_CLEANUP", entry);
    Command result{.argv = {program("does_when_filtered"), GetParam().what}, .env = std::move(env)};
    for (const int number : GetParam().needs) result.argv.push_back(std::to_string(number));
    return result;
  }
};

// Each was seen to fail (SIGSYS, mostly, in place of the status) with the shim not quiet in that hook:
// abort's two looks at the disposition; kill's getuid; exec's look at the path; signal's and kill's putting
// our handler back; the pid of a fork child; the next segment of the registry; and at the end the owner of
// @daemon entries, where unflushed output would go, its rescue, and a log that is a path.
TEST_P(Filtered, StepIsTheSame) {
  const Outcome plain = bare(command("", {}));
  EXPECT_EQ(plain.status, GetParam().status) << describe(plain.status);
  for (const char *entry : {"unlink:lock", "unlink:lock @daemon"}) {
    for (const char *stdio : {"report", "rescue"}) {
      SCOPED_TRACE(std::string(entry) + ", " + stdio);
      const Outcome end = preloaded(command(entry, {{"AXSHIM_LOG", log()}, {"AXSHIM_STDIO", stdio}}));
      EXPECT_EQ(end.status, plain.status) << describe(end.status);
      EXPECT_EQ(end.out, plain.out);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Of, Filtered,
    testing::Values(Step{"return", exited(0)}, Step{"_exit", exited(12)}, Step{"quick_exit", exited(14)},
                    Step{"sigsegv", killed(SIGSEGV)},
                    Step{"sigterm", killed(SIGTERM), {SYS_getpid, SYS_kill}},
                    Step{"sigkill_self", killed(SIGKILL), {SYS_getpid, SYS_kill}},
                    Step{"abort", killed(SIGABRT), {SYS_getpid, SYS_tgkill, SYS_rt_sigprocmask}},
                    Step{"exec_fails", exited(16), {SYS_execve}},
                    Step{"default", killed(SIGTERM), {SYS_getpid, SYS_kill, SYS_rt_sigaction}},
                    Step{"fork", exited(16), {SYS_clone, SYS_wait4, SYS_set_robust_list, SYS_rt_sigprocmask}},
                    Step{"handlers", exited(16), {SYS_brk}}),
    [](const auto &info) { return info.param.what; });

using FilteredOutput = PreloadTest;

// libc's own streams can be looked at without asking the kernel, others cannot. Seen to fail (none) with the
// list followed from its head.
TEST_F(FilteredOutput, IsCountedInTheStandardStreams) {
  const Outcome end =
      preloaded({.argv = {program("does_when_filtered"), "_exit"}, .env = {{"AXSHIM_FORMAT", "json"}}});
  const Json unflushed = only_record(records_in(end.err)).value("unflushed", Json::array());
  ASSERT_EQ(unflushed.size(), 1U) << end.err;
  EXPECT_EQ(unflushed[0].value("fd", -1), 1);
  EXPECT_EQ(unflushed[0].value("bytes", 0), 11);
}

}  // namespace
}  // namespace axshim_test
