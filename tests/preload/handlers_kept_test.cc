// The registry stands in for libc's own list: the same handlers run, once, in the same order and with the
// same arguments, whatever threads, children and handlers do meanwhile.
#include <signal.h>

#include "preload/handlers.h"

namespace axshim_test {
namespace {

using testing::ElementsAre;

class Kept : public HandlersTest {};

// The child ran it again, and forked again.
TEST_F(Kept, HandlersThatForkRunOnceThoughTheChildExits) { same({.argv = {"forks_and_exits_in_handler"}}); }

// They were marked as skipped by the exec before it failed, and exit passed them over: nearly always seen.
TEST_F(Kept, HandlersRunWhileAnotherThreadFailsToExec) {
  for (int i = 0; i < 10; ++i) {
    const Outcome end =
        preloaded({.argv = {program("exits_while_execs_fail")}, .env = {{"AXSHIM_LOG", "none"}}});
    EXPECT_EQ(end.status, exited(0));
    EXPECT_EQ(end.out, "handler\nhandler\nhandler\nhandler\nhandler\n");
  }
}

// Quadratic time shows as a hang.
TEST_F(Kept, HandlersThatRegisterOneAnotherTakeNoLongerEach) {
  for (const char *how : {"exit", "quick"}) same({.argv = {"registers_one_another", how, "200000"}});
}

// A frame of a kilobyte for each overflowed the stack.
TEST_F(Kept, HandlersMayNestExitAsDeepAsBare) {
  same({.argv = {"registers_one_another", "nested", "10000"}});
}

TEST_F(Kept, HandlersGetWhatLibcHandsOn) {
  for (const char *how : {"exit", "quick"}) same({.argv = {"shows_what_handlers_get", how}});
}

TEST_F(Kept, HandlersMayBeFinalizedAllAtOnce) {
  for (const char *how : {"exit", "quick"}) same({.argv = {"shows_what_handlers_get", how, "finalize"}});
}

// It took the blame for the end: handler-exited.
TEST_F(Kept, HandlersThatJumpOutAreNoLongerRunning) {
  const std::string jumped = "jumps: interrupted";
  EXPECT_THAT(outcomes(record_of(same({.argv = {"jumps_out_of_handler", "_exit"}}))),
              ElementsAre(jumped, "runs_last: skipped (forced-exit)"));
  std::filesystem::remove(log());
  EXPECT_THAT(outcomes(record_of(same({.argv = {"jumps_out_of_handler", "sigterm"}}))),
              ElementsAre(jumped, "runs_last: skipped (not-signal-safe)"));
  std::filesystem::remove(log());
  const Json record = record_of(same({.argv = {"jumps_out_of_handler", "exit"}}));
  EXPECT_THAT(outcomes(record), ElementsAre(jumped, "runs_last: ran"));
  EXPECT_EQ(cleanup(record, "jumps").value("error", ""), "left by a jump");
}

// They ran on the shim's own thread, which blocks all signals.
TEST_F(Kept, HandlersAfterMainMayRaiseAListedSignal) {
  Command command{.argv = {"raises_in_handler_after_main"}, .env = {{"AXSHIM_GRACEFUL", "TERM"}}};
  EXPECT_EQ(same(command).status, killed(SIGTERM));
}

}  // namespace
}  // namespace axshim_test
