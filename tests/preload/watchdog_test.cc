// The timer that stops a cleanup, and the realtime signal that it borrows: aimed at one thread, for one
// cleanup, and never the program's business.
#include <signal.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

using testing::ElementsAre;

class Watchdog : public PreloadTest {
 protected:
  std::vector<std::string> outcomes_of(const std::vector<std::string> &argv, const std::string &entries) {
    Command command{.argv = argv, .env = {{"AXSHIM_CLEANUP", entries}, {"AXSHIM_BUDGET", "0"}}};
    command.argv[0] = program(argv[0]);
    end_ = recorded(command);
    return outcomes(only_record(log()));
  }
  Outcome end_;
};

// The last realtime signal at its default action: not one that the program handles. Seen to fail (nothing
// printed) with any taken.
TEST_F(Watchdog, LeavesASignalThatTheProgramHandles) {
  EXPECT_THAT(outcomes_of({"realtime_cleanups", "handles"}, "mine=call:raises"), ElementsAre("mine: ran"));
  EXPECT_EQ(end_.out, "handled\n");
}

// Seen to fail (timed-out) without the look at si_code, and at the cookie.
TEST_F(Watchdog, IsNotTakenInByTheSameSignalFromElsewhere) {
  EXPECT_THAT(outcomes_of({"realtime_cleanups"}, "timer=call:has_timer;sent=call:raises"),
              ElementsAre("sent: ran", "timer: ran"));
  EXPECT_EQ(end_.status, exited(3));
}

// Seen to fail (timed-out) without disarm().
TEST_F(Watchdog, IsForOneCleanup) {
  EXPECT_THAT(
      outcomes_of({"realtime_cleanups"}, "long=call:takes_time @timeout=0;short=call:raises @timeout=20ms"),
      ElementsAre("short: ran", "long: ran"));
}

// Seen to fail (survived; blocked 0) without the disposition, and without the mask, given back.
TEST_F(Watchdog, GivesItsSignalBack) {
  const Command command{.argv = {program("raises_at_last")}, .env = {{"AXSHIM_CLEANUP", "flush:"}}};
  const Outcome plain = bare(command), end = recorded(command);
  EXPECT_EQ(plain.status, killed(SIGRTMAX));
  EXPECT_EQ(plain.out, "blocked 1\n");
  expect_same(plain, end);
}

// Main would take it. Seen to hang with SIGEV_SIGNAL.
TEST_F(Watchdog, IsAimedAtTheThreadThatEndsTheProcess) {
  EXPECT_THAT(outcomes_of({"ends_in_thread"}, "hangs=call:hangs @timeout=100ms"),
              ElementsAre("hangs: timed-out"));
  EXPECT_EQ(end_.status, exited(3));
}

}  // namespace
}  // namespace axshim_test
