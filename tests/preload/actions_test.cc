// Each action of a declared cleanup: what it does, what it refuses. Those that remove are in
// removals_test.cc.
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

using std::filesystem::exists;
using testing::HasSubstr;

class Action : public PreloadTest {
 protected:
  // Ends a program by _exit(0) with this one entry; the cleanup as the record tells it.
  Json outcome_of(const std::string &entry, Command command = {}) {
    if (command.argv.empty()) command.argv = {program("calls__exit"), "0"};
    command.env.emplace("AXSHIM_CLEANUP", entry);
    end_ = recorded(command);
    for (const Json &cleanup : only_record(log()).value("cleanups", Json::array())) {
      if (cleanup.value("source", "") == "env") return cleanup;
    }
    ADD_FAILURE() << "no declared cleanup in " << read_file(log());
    return Json::object();
  }
  void expect_ran(const std::string &entry, Command command = {}) {
    const Json cleanup = outcome_of(entry, std::move(command));
    EXPECT_EQ(cleanup.value("outcome", ""), "ran") << cleanup.dump();
  }
  void expect_failed(const std::string &entry, Command command = {}) {
    const Json cleanup = outcome_of(entry, std::move(command));
    EXPECT_EQ(cleanup.value("outcome", ""), "failed") << cleanup.dump();
    EXPECT_NE(cleanup.value("error", ""), "") << cleanup.dump();
  }

  Outcome end_;
};

TEST_F(Action, ARelativePathIsThatOfTheStart) {
  make_file("lock");
  expect_ran("unlink:lock", {.cwd = dir()});
  EXPECT_FALSE(exists(file("lock")));
}

TEST_F(Action, TemplatesWorkInTheArgument) {
  outcome_of("write:" + file("%e.%p.%%").string() + "=x");
  EXPECT_TRUE(exists(file("calls__exit." + std::to_string(end_.pid) + ".%")));
}

TEST_F(Action, WriteAppendsTheTextAndANewline) {
  const Path out = make_file("out", "first\n");
  expect_ran("write:" + out.string() + "=second line");
  EXPECT_EQ(read_file(out), "first\nsecond line\n");
}

TEST_F(Action, EscapesStandForWhatTheGrammarUses) {
  expect_ran("write:" + file("out").string() + R"(=a\;b\\c\nd\=e \@f)");
  EXPECT_EQ(read_file(file("out")), "a;b\\c\nd=e @f\n");
}

TEST_F(Action, WriteWhereItCannotFails) { expect_failed("write:" + file("missing/out").string() + "=x"); }

// A process that waits to be killed.
class KillAction : public Action {
 protected:
  KillAction() : victim_(fork()) {
    if (victim_ == 0) {
      signal(SIGTERM, SIG_DFL);
      alarm(60);  // if nobody kills it, no test waits for it for ever
      for (;;) pause();
    }
  }
  ~KillAction() override {
    kill(victim_, SIGKILL);
    waitpid(victim_, nullptr, 0);
  }
  std::string pidfile(const std::string &text, mode_t mode = 0600) {
    const Path path = make_file("pid", text);
    chmod(path.c_str(), mode);
    return path;
  }
  bool victim_lives() const { return waitpid(victim_, nullptr, WNOHANG) == 0; }

  pid_t victim_;
};

TEST_F(KillAction, SendsTheSignalToTheProcessInTheFile) {
  expect_ran("kill:" + pidfile(std::to_string(victim_) + "\n") + "/TERM");
  if (HasFailure()) return;
  int status = 0;
  waitpid(victim_, &status, 0);
  EXPECT_EQ(status, killed(SIGTERM));
}

TEST_F(KillAction, RefusesAFileThatOthersCanWrite) {
  expect_failed("kill:" + pidfile(std::to_string(victim_), 0666) + "/KILL");
  EXPECT_TRUE(victim_lives());
}

// SIGCONT does no harm even where the refusal is missing: -1 is every process that there is.
TEST_F(KillAction, RefusesWhatIsNoPidAboveOne) {
  for (const char *text : {"1\n", "0\n", "-1\n", "", "abc\n", "99999999999999999999\n"}) {
    std::filesystem::remove(log());
    expect_failed("kill:" + pidfile(text) + "/CONT");
  }
}

TEST_F(KillAction, OfAMissingFileFails) { expect_failed("kill:" + file("missing").string() + "/TERM"); }

TEST_F(Action, ExecSplitsItsWordsAsAShellDoes) {
  expect_ran("exec:/usr/bin/touch 'a b' \"c d\" e\\ f plain", {.cwd = dir()});
  for (const char *name : {"a b", "c d", "e f", "plain"}) EXPECT_TRUE(exists(file(name))) << name;
}

TEST_F(Action, ExecUsesNoShell) {
  expect_ran("exec:/usr/bin/touch $HOME", {.cwd = dir()});
  EXPECT_TRUE(exists(file("$HOME")));
}

TEST_F(Action, ExecThatFailsIsFailed) { expect_failed("exec:/bin/false"); }
TEST_F(Action, ExecOfAMissingProgramIsFailed) { expect_failed("exec:/nonexistent/program"); }

TEST_F(Action, ExecIsNamedWithoutItsArguments) {
  EXPECT_EQ(outcome_of("exec:/bin/true --password secret").value("name", ""), "exec:/bin/true");
  EXPECT_THAT(read_file(log()), testing::Not(HasSubstr("secret")));
}

// The grandchild holds our end of the program's output: if it lived on, the harness would wait for it in
// vain.
TEST_F(Action, ExecThatHangsIsStoppedWithItsProcessGroup) {
  const auto begin = std::chrono::steady_clock::now();
  const Json cleanup = outcome_of("exec:/bin/sh -c 'sleep 1000 & sleep 1000' @timeout=200ms");
  EXPECT_EQ(cleanup.value("outcome", ""), "timed-out") << cleanup.dump();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  EXPECT_EQ(end_.status, exited(0));
}

TEST_F(Action, ExecSeesTheProgramsEnvironmentWithoutThePreload) {
  expect_ran("exec:/usr/bin/env", {.env = {{"MINE", "kept"}}});
  const std::vector<std::string> environment = lines(end_.out);
  EXPECT_THAT(environment, testing::Contains("MINE=kept"));
  EXPECT_THAT(environment, testing::Contains("AXSHIM_PID=" + std::to_string(end_.pid)));
  EXPECT_THAT(environment, testing::Contains("AXSHIM_KIND=_exit"));
  EXPECT_THAT(environment, testing::Contains("AXSHIM_STATUS=0"));
  EXPECT_THAT(end_.out, testing::Not(HasSubstr("LD_PRELOAD")));
}

// Seen to fail (65,536 of them).
TEST_F(Action, ExecSeesHoweverManyVariables) {
  Command command;
  for (int i = 0; i < 100'000; ++i) command.env["V" + std::to_string(i)] = "";
  expect_ran("exec:/usr/bin/env", command);
  const std::vector<std::string> environment = lines(end_.out);
  EXPECT_GT(environment.size(), 100'000U);
  EXPECT_THAT(environment, testing::Contains("AXSHIM_KIND=_exit"));
}

TEST_F(Action, ExecAfterASignalSeesItsName) {
  expect_ran("exec:/usr/bin/env", {.argv = {program("derefs_null")}});
  EXPECT_EQ(end_.status, killed(SIGSEGV));
  EXPECT_THAT(lines(end_.out), testing::Contains("AXSHIM_KIND=signal"));
  EXPECT_THAT(lines(end_.out), testing::Contains("AXSHIM_SIGNAL=SIGSEGV"));
}

TEST_F(Action, ExecWorksWhereSigchldIsIgnored) {
  expect_ran("exec:/bin/true", {.before_exec = [] { signal(SIGCHLD, SIG_IGN); }});
}

TEST_F(Action, ShRunsAShell) {
  expect_ran("sh:echo $AXSHIM_KIND | tr a-z A-Z");
  EXPECT_THAT(end_.out, HasSubstr("_EXIT\n"));
}

TEST_F(Action, ShThatFailsIsFailed) { expect_failed("sh:exit 3"); }

TEST_F(Action, CallCallsAFunctionOfTheProgram) {
  expect_ran("call:cleanup_prints", {.argv = {program("has_cleanups"), "_exit"}});
  EXPECT_EQ(end_.out, "cleaned\n");
}

TEST_F(Action, CallIsSkippedAfterAFatalSignal) {
  const Json cleanup = outcome_of("call:cleanup_prints", {.argv = {program("has_cleanups"), "segv"}});
  EXPECT_EQ(cleanup.value("outcome", ""), "skipped");
  EXPECT_EQ(cleanup.value("reason", ""), "not-signal-safe");
  EXPECT_EQ(end_.out, "");
}

TEST_F(Action, FlushWritesOutWhatUnderscoreExitLoses) {
  EXPECT_EQ(bare({.argv = {program("leaves_output_unflushed")}}).out, "");
  expect_ran("flush:", {.argv = {program("leaves_output_unflushed")}});
  EXPECT_EQ(end_.out, "not flushed");
}

}  // namespace
}  // namespace axshim_test
