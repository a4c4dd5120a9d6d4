// Exit handlers that end the process, hang, or do what is a hazard: the record says which one it was, and
// what that cost the others.
#include <signal.h>

#include "preload/handlers.h"

namespace axshim_test {
namespace {

using testing::ElementsAre;
using testing::MatchesRegex;

struct Wrong {
  std::string how, title, kind;
  std::string error;  // empty: none
  std::string rest;   // what becomes of the handler after it: a regular expression
};

void PrintTo(const Wrong &wrong, std::ostream *out) { *out << wrong.title; }

class HandlerThat : public HandlersTest, public testing::WithParamInterface<Wrong> {};

TEST_P(HandlerThat, IsNamedAsTheOneThatEndedTheProcess) {
  const Wrong &wrong = GetParam();
  const Json record = record_of(same({.argv = {"has_bad_handler", wrong.how}}));
  EXPECT_EQ(record["termination"].value("kind", ""), wrong.kind) << record.dump(2);
  EXPECT_THAT(outcomes(record), ElementsAre("runs_first: ran", "goes_wrong: interrupted",
                                            MatchesRegex("runs_last: " + wrong.rest)));
  EXPECT_EQ(cleanup(record, "goes_wrong").value("error", ""), wrong.error);
  EXPECT_EQ(record.value("clean", true), false);
  EXPECT_EQ(record["summary"].value("interrupted", 0), 1);
}

TEST_P(HandlerThat, IsReported) {
  const Outcome end = preloaded({.argv = {program("has_bad_handler"), GetParam().how}});
  EXPECT_THAT(lines(end.err), testing::Contains(MatchesRegex("axshim:   interrupted +goes_wrong .*")));
}

INSTANTIATE_TEST_SUITE_P(
    Ends, HandlerThat,
    testing::Values(
        Wrong{"sigsegv", "Crashes", "signal", "", "skipped \\(handler-exited\\)"},
        Wrong{"abort", "Aborts", "abort", "called abort", "skipped \\(handler-exited\\)"},
        Wrong{"sigterm", "KillsItself", "signal", "", "skipped \\(handler-exited\\)"},
        Wrong{"raise", "Raises", "signal", "", "skipped \\(handler-exited\\)"},
        Wrong{"sigkill_self", "KillsItselfForGood", "signal", "", "skipped \\(handler-exited\\)"},
        Wrong{"_exit", "CallsUnderscoreExit", "_exit", "called _exit", "skipped \\(handler-exited\\)"},
        Wrong{"_Exit", "CallsUnderscoreCapitalExit", "_exit", "called _exit", "skipped \\(handler-exited\\)"},
        Wrong{"syscall_exit_group", "CallsExitGroup", "_exit", "called _exit",
              "skipped \\(handler-exited\\)"},
        Wrong{"quick_exit", "CallsQuickExit", "quick_exit", "called quick_exit",
              "skipped \\(handler-exited\\)"},
        // libc goes on with the rest, and takes the second status.
        Wrong{"exit", "CallsExit", "exit", "called exit", "ran"},
        Wrong{"errx", "CallsErrx", "exit", "called exit", "ran"}),
    [](const auto &info) { return info.param.title; });

class HandlerGoneWrong : public HandlersTest {};

TEST_F(HandlerGoneWrong, ByExitEndsWithTheSecondStatus) {
  const Outcome end = same({.argv = {"has_bad_handler", "exit"}});
  EXPECT_EQ(end.status, exited(11));
  EXPECT_THAT(lines(end.out), ElementsAre("first", "wrong", "last"));
  EXPECT_EQ(record_of(end)["termination"].value("status", -1), 11);
}

TEST_F(HandlerGoneWrong, ByExecLeavesTheProgramToTheNext) {
  const Json record = record_of(same({.argv = {"has_bad_handler", "execve"}}));
  EXPECT_EQ(record["termination"].value("kind", ""), "exec");
  EXPECT_THAT(outcomes(record), ElementsAre("runs_first: ran", "goes_wrong: interrupted",
                                            MatchesRegex("runs_last: skipped \\((exec|handler-exited)\\)")));
}

// An exec that fails is undone in the record, as far as the handlers go too. Then it calls _exit(16).
TEST_F(HandlerGoneWrong, ByAnExecThatFailsRunsOn) {
  const Outcome end = same({.argv = {"has_bad_handler", "exec_fails"}});
  EXPECT_EQ(end.status, exited(16));
  EXPECT_THAT(outcomes(record_of(end)), ElementsAre("runs_first: ran", "goes_wrong: interrupted",
                                                    "runs_last: skipped (handler-exited)"));
}

TEST_F(HandlerGoneWrong, ByAnExceptionIsTheOneThatAborted) {
  const Json record = record_of(same({.argv = {"throws_in_destructor"}}));
  EXPECT_EQ(record["termination"].value("kind", ""), "abort");
  EXPECT_THAT(outcomes(record), ElementsAre("runs_first(): ran", "Thrower::~Thrower(): interrupted",
                                            "runs_last(): skipped (handler-exited)"));
}

TEST_F(HandlerGoneWrong, ThatWasRegisteredByAnotherIsNamed) {
  EXPECT_THAT(outcomes(record_of(same({.argv = {"registers_in_handler", "sigsegv"}}))),
              ElementsAre("adds: ran", "added: interrupted", "runs_last: skipped (handler-exited)"));
}

TEST_F(HandlerGoneWrong, ByHangingIsNamedWhenASignalEndsIt) {
  const auto terminate = [](pid_t pid) { kill(pid, SIGTERM); };
  const Outcome end = same({.argv = {"hangs_in_handler"}, .interact = terminate});
  EXPECT_EQ(end.status, killed(SIGTERM)) << describe(end.status);
  const Json record = record_of(end);
  EXPECT_EQ(record["termination"].value("signal", ""), "SIGTERM");
  EXPECT_THAT(outcomes(record),
              ElementsAre("runs_first: ran", "hangs: interrupted", "runs_last: skipped (not-signal-safe)"));
}

// Nothing of the shim's times out what the program does: a second signal has nothing to undo.
TEST_F(HandlerGoneWrong, ByHangingIsLeftAloneByTheTimeout) {
  const auto terminate = [](pid_t pid) { kill(pid, SIGTERM); };
  const Outcome end = same({.argv = {"hangs_in_handler"},
                            .env = {{"AXSHIM_TIMEOUT", "1ms"}, {"AXSHIM_BUDGET", "1ms"}},
                            .interact = terminate});
  EXPECT_EQ(cleanup(record_of(end), "hangs").value("outcome", ""), "interrupted");
}

TEST_F(HandlerGoneWrong, ByHangingIsNamedWhenAnotherThreadEndsTheProcess) {
  for (const char *how : {"_exit", "abort", "fault"}) {
    SCOPED_TRACE(how);
    std::filesystem::remove(log());
    EXPECT_THAT(outcomes(record_of(same({.argv = {"exits_while_a_handler_spins", how}}))),
                ElementsAre("hang: interrupted"));
  }
}

class Hazard : public HandlersTest {
 protected:
  Json hazards_of(std::vector<std::string> argv) {
    return record_of(same({.argv = std::move(argv)})).value("hazards", Json());
  }
};

TEST_F(Hazard, IsAnExitInASignalHandler) {
  EXPECT_EQ(hazards_of({"calls_exit_in_handler"}), Json({"exit-in-signal-handler"}));
}

TEST_F(Hazard, IsAThreadThatAHandlerStarts) {
  EXPECT_EQ(hazards_of({"has_busy_handler", "thread"}), Json({"thread-in-handler"}));
}

TEST_F(Hazard, IsAForkInAHandler) {
  EXPECT_EQ(hazards_of({"has_busy_handler", "fork"}), Json({"fork-in-handler"}));
}

TEST_F(Hazard, IsAbsentWhereThereIsNone) {
  for (const char *of : {"calls_exit", "calls__exit", "exits_in_handler", "forks_and_waits"}) {
    std::filesystem::remove(log());
    const Outcome end = recorded({.argv = {program(of)}});
    EXPECT_FALSE(record_of(end).contains("hazards")) << of;
  }
}

// The child that a handler forks ends by _exit: that costs it nothing of its own. Nor was the thread its.
// Seen to fail (thread-in-handler) with the hazards kept in a fork child.
TEST_F(Hazard, OfAForkIsNoneOfTheChilds) {
  const Outcome end = same({.argv = {"has_busy_handler", "thread+fork"}});
  const Json child = only_record(records_of_children(end));
  EXPECT_FALSE(child.contains("hazards"));
  EXPECT_EQ(child.value("clean", false), true);
  EXPECT_THAT(outcomes(child), testing::IsEmpty());
  EXPECT_THAT(outcomes(record_of(end)), ElementsAre("starts_work: ran"));
}

}  // namespace
}  // namespace axshim_test
