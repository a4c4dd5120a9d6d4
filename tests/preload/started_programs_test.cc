// The programs that exec: and sh: start: signals as a program expects them, whatever the process that ends
// has made of its own.
#include <signal.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

using testing::ElementsAre;

class StartedProgram : public PreloadTest {
 protected:
  // "outcome error" of the declared cleanups, in the order of the record.
  std::vector<std::string> errors() {
    std::vector<std::string> result;
    const Json record = only_record(log());
    for (const Json &entry : record.value("cleanups", Json::array())) {
      if (entry.value("source", "") != "env") continue;
      result.push_back(entry.value("outcome", "") + " " + entry.value("error", ""));
    }
    return result;
  }
};

// Seen to fail (ran) without the loop over the dispositions in start(), and without the empty mask.
TEST_F(StartedProgram, HasNoSignalIgnoredAndNoneBlocked) {
  for (const char *ending : {"calls_exit", "calls__exit"}) {
    SCOPED_TRACE(ending);
    std::filesystem::remove(log());
    Command command{.argv = {program(ending), "3"},
                    .env = {{"AXSHIM_CLEANUP", "sh:kill -INT $$;sh:kill -TERM $$"}}};
    command.before_exec = [] {
      sigset_t blocked;
      sigemptyset(&blocked), sigaddset(&blocked, SIGINT);
      sigprocmask(SIG_BLOCK, &blocked, nullptr);
      signal(SIGTERM, SIG_IGN);
    };
    EXPECT_EQ(recorded(command).status, exited(3));
    EXPECT_THAT(errors(), ElementsAre("failed was killed by SIGTERM", "failed was killed by SIGINT"));
  }
}

// A signal that comes to it before it has become one (here with its first system call) would find the
// handlers of the process, whose memory it shares. Seen to fail (handled, in the child) with the mask left
// alone for clone().
TEST_F(StartedProgram, RunsNoHandlerOfTheProcessThatStartsIt) {
  if (!std::filesystem::exists("/usr/bin/strace")) GTEST_SKIP() << "no strace";
  const Outcome end = recorded({.argv = {"/usr/bin/strace", "-f", "-o", file("trace"), "-e",
                                         "inject=setpgid:signal=SIGUSR1", program("handles_usr1")},
                                .env = {{"AXSHIM_PROGRAMS", "handles_usr1"}, {"AXSHIM_CLEANUP", "sh:true"}}});
  EXPECT_EQ(end.status, exited(3)) << end.err;
  EXPECT_EQ(end.out, "");
  EXPECT_THAT(errors(), ElementsAre("failed was killed by SIGUSR1"));
}

// While it runs at an orderly end the process is as mortal as in its exit handlers. Seen to hang with the
// signals still blocked after clone().
TEST_F(StartedProgram, DoesNotKeepSignalsFromTheProcess) {
  const Path script = make_file("script",
                                "exec > /dev/null 2>&1\n"
                                "kill -TERM $AXSHIM_PID\n"
                                "while kill -0 $AXSHIM_PID; do :; done");
  const Outcome end = recorded(
      {.argv = {program("calls_exit"), "3"},
       .env = {
           {"AXSHIM_CLEANUP", "sh:. " + script.string()}, {"AXSHIM_TIMEOUT", "0"}, {"AXSHIM_BUDGET", "0"}}});
  EXPECT_EQ(end.status, killed(SIGTERM)) << describe(end.status);
  EXPECT_EQ(only_record(log())["termination"].value("signal", ""), "SIGTERM");
  EXPECT_THAT(errors(), ElementsAre("interrupted "));
}

// In a group of its own it is in the terminal's background, where stty is stopped. Seen to fail (timed-out)
// with SIGTTOU at its default action.
TEST_F(StartedProgram, MaySetTheTerminal) {
  const Outcome end = recorded({.argv = {program("runs_at_a_terminal"), program("calls_exit"), "3"},
                                .env = {{"AXSHIM_PROGRAMS", "calls_exit"},
                                        {"AXSHIM_TIMEOUT", "3s"},
                                        {"AXSHIM_CLEANUP", "sh:stty -echo < /dev/tty"}}});
  EXPECT_EQ(end.status, exited(3));
  EXPECT_THAT(errors(), ElementsAre("ran "));
}

}  // namespace
}  // namespace axshim_test
