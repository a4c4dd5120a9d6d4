// Cleanups of axshim.h that do something to themselves, to the others or to the process.
#include "preload/own_cleanups.h"

namespace axshim_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ApiCleanup : public PreloadTest {
 protected:
  Outcome that(const std::string &what, const std::string &end = "exit") {
    std::filesystem::remove(log());
    return recorded({.argv = {program("meddles_by_api"), what, end}, .env = {{"AXSHIM_TIMEOUT", "500ms"}}});
  }
};

TEST_F(ApiCleanup, ThatRegistersOneHasItRunNext) {
  EXPECT_THAT(lines(that("registers").out), ElementsAre("new", "victim", "atexit", "safe"));
  EXPECT_THAT(own_outcomes(only_record(log())),
              ElementsAre("meddler: ran", "new: ran", "victim: ran", "of_atexit: ran", "safe: ran"));
  EXPECT_THAT(lines(that("registers", "_exit").out), ElementsAre("new", "victim", "safe"));
}

TEST_F(ApiCleanup, ThatUnregistersOneTakesItOffAtOnce) {
  EXPECT_THAT(lines(that("unregisters").out), ElementsAre("atexit", "safe"));
  EXPECT_THAT(own_outcomes(only_record(log())), ElementsAre("meddler: ran", "of_atexit: ran", "safe: ran"));
  EXPECT_THAT(lines(that("clears").out), ElementsAre("atexit"));
  EXPECT_THAT(lines(that("clears", "_exit").out), ElementsAre());
}

TEST_F(ApiCleanup, ThatRunsTheOthersLeavesNone) {
  EXPECT_THAT(lines(that("runs").out), ElementsAre("victim", "safe", "atexit"));
}

TEST_F(ApiCleanup, ThatCallsExitCostsOnlyItself) {
  for (const char *end : {"exit", "_exit"}) {
    SCOPED_TRACE(end);
    const Outcome outcome = that("exits", end);
    EXPECT_EQ(outcome.status, exited(*end == 'e' ? 11 : 12));
    EXPECT_THAT(lines(outcome.out), testing::Contains("victim"));
    const Json meddler = cleanup(only_record(log()), "meddler");
    EXPECT_EQ(meddler.value("outcome", ""), "failed");
    EXPECT_EQ(meddler.value("error", ""), "called exit");
  }
}

TEST_F(ApiCleanup, ThatCallsExitCostsOnlyItselfBareToo) {
  const Outcome plain = bare({.argv = {program("meddles_by_api"), "exits", "exit"}});
  EXPECT_THAT(lines(plain.out), ElementsAre("atexit", "victim", "safe"));
}

// Seen to fail (SIGSEGV) while the jump out of the cleanup was still prepared.
TEST_F(ApiCleanup, WhoseThreadIsCancelledIsGone) {
  const Command command{.argv = {program("is_cancelled_and_exits")}};
  const Outcome plain = bare(command);
  EXPECT_EQ(plain.out, "0 left\n");
  expect_same(plain, preloaded(command));
}

class ApiCleanupStopped : public ApiCleanup,
                          public testing::WithParamInterface<std::tuple<const char *, const char *>> {};

// It may have held the heap's lock: no ordinary code after it, libc's and the program's handlers included.
TEST_P(ApiCleanupStopped, LeavesOnlyWhatIsSignalSafe) {
  const auto [what, end] = GetParam();
  const Outcome outcome = that(what, end);
  EXPECT_EQ(outcome.status, exited(*end == 'e' ? 11 : 12)) << describe(outcome.status);
  EXPECT_EQ(outcome.out, "safe\n");
  const std::string reason = *end == 'e' ? " (unsafe-after-failure)" : " (forced-exit)";
  EXPECT_THAT(
      own_outcomes(only_record(log())),
      ElementsAre(std::string("meddler: ") + (*what == 'h' ? "timed-out" : "failed"),
                  "victim: skipped (unsafe-after-failure)", "of_atexit: skipped" + reason, "safe: ran"));
}

INSTANTIATE_TEST_SUITE_P(, ApiCleanupStopped,
                         testing::Combine(testing::Values("crashes", "hangs"),
                                          testing::Values("exit", "_exit")),
                         [](const auto &info) {
                           return std::string("WhenIt") + std::get<0>(info.param) + "At" +
                                  (*std::get<1>(info.param) == 'e' ? "Exit" : "UnderscoreExit");
                         });

TEST_F(ApiCleanup, ThatIsSignalSafeHasStackEnough) {
  for (const char *how : {"", "overflow"}) {
    std::filesystem::remove(log());
    Command command{.argv = {program("needs_stack_for_cleanup")}};
    if (*how != '\0') command.argv.push_back(how);
    const Outcome outcome = recorded(command);
    EXPECT_EQ(outcome.status, killed(SIGSEGV));
    EXPECT_EQ(outcome.out, "enough\n");
  }
}

TEST_F(ApiCleanup, ThatIsOrdinaryIsSkippedWhenASignalHandlerExits) {
  const Outcome outcome = recorded({.argv = {program("has_cleanups_and_exits_in_handler")}});
  EXPECT_EQ(outcome.status, exited(SIGUSR1));
  EXPECT_EQ(outcome.out, "safe\n");
  EXPECT_THAT(own_outcomes(only_record(log())),
              ElementsAre("safe: ran", "ordinary: skipped (not-signal-safe)"));
}

}  // namespace
}  // namespace axshim_test
