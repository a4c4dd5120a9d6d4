// A graceful end leaves no trace of how it is done: no thread, no EINTR, no other siginfo; and its budget is
// for all of it.
#include <signal.h>

#include <thread>

#include "preload/own_cleanups.h"

namespace axshim_test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::StartsWith;

class GracefulDetail : public PreloadTest {
 protected:
  Command command(const std::vector<std::string> &argv, const std::string &budget = "10s") const {
    Command command{.argv = argv,
                    .env = {{"AXSHIM_GRACEFUL", "TERM"}, {"AXSHIM_BUDGET", budget}},
                    .deadline = std::chrono::seconds(25)};
    command.argv[0] = program(argv[0]);
    return command;
  }
};

// A thread that goes on in the call that it was in. Seen to fail (read -1) without SA_RESTART in
// kPristineFlags.
TEST_F(GracefulDetail, AThreadThatASignalReachesDuringExitGoesOn) {
  const Outcome end = recorded(command({"reads_while_exiting"}));
  EXPECT_EQ(end.status, killed(SIGTERM)) << describe(end.status);
  EXPECT_EQ(end.out, "read 1\n");
  EXPECT_EQ(only_record(log())["termination"].value("graceful", false), true);
}

// A thread in each would double the price of fork. Seen to fail (2) with graceful::start() in
// after_fork_in_child().
TEST_F(GracefulDetail, AForkChildHasOneThread) {
  const Command command = this->command({"counts_its_threads"});
  const Outcome plain = bare(command), end = recorded(command);
  EXPECT_EQ(plain.out, "1\n");
  expect_same(plain, end);
}

// Seen to fail (a thread) without the look at helper_tid in list_threads().
TEST_F(GracefulDetail, ThreadOfTheShimsIsNotListedAtOtherEnds) {
  recorded(command({"calls__exit", "7"}));
  EXPECT_FALSE(only_record(log()).contains("threads"));
}

// The kernel sees one thread more. Seen to hang with that one counted in is_only_thread(), and without
// graceful::stop().
TEST_F(GracefulDetail, ARawExitOfTheOnlyThreadEndsTheProcess) {
  const Command command = this->command({"syscall_exit", "7"});
  const Outcome plain = bare(command), end = recorded(command);
  EXPECT_EQ(plain.status, exited(7));
  expect_same(plain, end);
  EXPECT_EQ(only_record(log())["termination"].value("kind", ""), "_exit");
}

// The signal is sent anew after the exit handlers. Seen to fail (code -6) with tgkill in place of
// rt_tgsigqueueinfo in die().
TEST_F(GracefulDetail, TheSignalIsTheSameInTheEnd) {
  Command command = this->command({"traces_signals", program("is_signalled_at_exit")});
  command.env["AXSHIM_PROGRAMS"] = "is_signalled_at_exit";
  const Outcome plain = bare(command), end = recorded(command);
  if (plain.status == exited(77)) GTEST_SKIP() << "may not trace here";
  EXPECT_THAT(lines(plain.out).back(), StartsWith("signal 15, code "));
  EXPECT_EQ(lines(end.out).back(), lines(plain.out).back()) << end.out;
}

// It waits until the thread is stopped or started; on the thread that does that, it would wait for itself.
// Here it comes with the call that tells the thread to stop. Seen to hang with Change that blocks nothing.
TEST_F(GracefulDetail, ASignalDuringUnshareWaitsForIt) {
  if (!std::filesystem::exists("/usr/bin/strace")) GTEST_SKIP() << "no strace";
  Command command = this->command({"unshares_nothing"});
  command.argv = {
      "/usr/bin/strace",          "-f", "-o", file("trace"), "-e", "inject=futex:signal=SIGTERM:when=2",
      program("unshares_nothing")};
  command.env["AXSHIM_PROGRAMS"] = "unshares_nothing";
  const Outcome end = recorded(command);
  EXPECT_EQ(end.status, killed(SIGTERM)) << describe(end.status);
  EXPECT_EQ(end.out, "handler\n");
  EXPECT_EQ(only_record(log())["termination"].value("graceful", false), true);
}

// Where no thread waits for the exit handlers the budget's end comes as the signal. Seen to hang without
// arm_budget(), in an exit that was under way and after the thread was let go.
class GracefulBudget : public GracefulDetail {
 protected:
  void expect_forced(const std::vector<std::string> &argv, const std::string &budget, const std::string &last,
                     const std::string &hanging) {
    Command command = this->command(argv, budget);
    command.interact = [](pid_t pid) {
      while (!is_asleep(pid)) std::this_thread::yield();
      kill(pid, SIGTERM);
    };
    const Outcome end = recorded(command);
    EXPECT_EQ(end.status, killed(SIGTERM)) << describe(end.status);
    EXPECT_EQ(lines(end.out).back(), last);
    EXPECT_THAT(own_outcomes(only_record(log())), Contains(hanging));
  }
};

TEST_F(GracefulBudget, EndsAnExitThatWasUnderWay) {
  expect_forced({"hangs_in_handler"}, "300ms", "ready", "hangs: interrupted");
}

TEST_F(GracefulBudget, EndsAHandlerThatGotTheLock) {
  expect_forced({"handler_needs_a_lock", "hangs"}, "4s", "handler", "handler: interrupted");
}

}  // namespace
}  // namespace axshim_test
