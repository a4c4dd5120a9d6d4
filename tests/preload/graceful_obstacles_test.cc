// What stands in the way of an orderly exit that a signal asks for: it is got over, or the process dies of
// that signal as it would have. It never hangs, never ends otherwise and never corrupts what was printed.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <thread>

#include "preload/own_cleanups.h"

namespace axshim_test {
namespace {

using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;

// What hangs until then hangs until the deadline.
const std::map<std::string, std::string> kNoBudget = {{"AXSHIM_BUDGET", "0"}};

class Obstacle : public PreloadTest {
 protected:
  Outcome run(const std::vector<std::string> &argv, std::map<std::string, std::string> env = {}) {
    env.insert({{"AXSHIM_GRACEFUL", "TERM"}, {"AXSHIM_BUDGET", "10s"}});
    Command command{.argv = argv, .env = env, .deadline = seconds(25)};
    command.argv[0] = program(argv[0]);
    command.interact = [](pid_t pid) { kill(pid, SIGTERM); };
    const Outcome end = recorded(command);
    EXPECT_EQ(end.status, killed(SIGTERM)) << describe(end.status);
    return end;
  }
};

// Main was let go after a second, and printed.
TEST_F(Obstacle, OfAHandlerThatTakesItsTimeDoesNotLetMainGoOn) {
  EXPECT_EQ(run({"meddles_when_asked_to_end", "takes_its_time"}).out, "ready\nhandler\n");
}

// setuid and its like wait for all threads to answer a signal, main in its handler among them.
TEST_F(Obstacle, OfAHandlerThatChangesItsGroupIsNone) {
  EXPECT_EQ(run({"meddles_when_asked_to_end", "changes_group"}).out, "ready\nhandler\n");
}

// The end of the budget came as that signal.
TEST_F(Obstacle, OfAHandlerThatIgnoresTheSignalLastsForTheBudget) {
  const Outcome end = run({"meddles_when_asked_to_end", "ignores_the_signal"}, {{"AXSHIM_BUDGET", "300ms"}});
  EXPECT_EQ(end.out, "ready\n");
  EXPECT_THAT(own_outcomes(only_record(log())), ElementsAre("meddle: interrupted"));
}

// A pipeline of which both ends get the signal.
TEST_F(Obstacle, OfABrokenPipeDoesNotChangeTheSignal) {
  EXPECT_EQ(run({"meddles_when_asked_to_end", "breaks_a_pipe"}).out, "ready\n");
  const Json record = only_record(log());
  EXPECT_EQ(record["termination"].value("signal", ""), "SIGTERM");
  EXPECT_THAT(own_outcomes(record), ElementsAre("meddle: interrupted"));
}

// libc's list was through, so nobody was left to die of it: status 0, and the output cut short.
TEST_F(Obstacle, OfAnExitThatIsNearlyOverIsNone) {
  Command command{.argv = {program("blocks_in_final_flush")}, .env = kNoBudget, .deadline = seconds(25)};
  command.env["AXSHIM_GRACEFUL"] = "TERM";
  command.interact = [](pid_t pid) {
    while (!is_asleep(pid)) std::this_thread::yield();
    kill(pid, SIGTERM);
  };
  EXPECT_EQ(recorded(command).status, killed(SIGTERM));
}

// It ended with status 0.
TEST_F(Obstacle, OfACleanupThatCrashesCostsOnlyThat) {
  run({"meddles_when_asked_to_end", "not"}, {{"AXSHIM_CLEANUP", "call:crash"}});
}

// pthread_create in the handler waited for the heap's lock. By chance: seen to hang in every second run.
TEST_F(Obstacle, OfAHeapInUseAfterRightsWereGivenUpIsNone) {
  for (int i = 0; i < 10; ++i)
    EXPECT_THAT(lines(run({"allocates_after_capset"}, kNoBudget).out), Contains("ready"));
}

// Without a lock nothing tells the exit handler that main is in the middle of a write: what it flushed as
// soon as somebody read was written twice.
TEST_F(Obstacle, OfAStreamWithoutALockLeavesWhatItWroteAlone) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const std::string before(100, 'x');  // so that part of a write fits
  ASSERT_EQ(write(ends[1], before.data(), before.size()), 100);
  std::string text;
  std::thread reader;
  Command command{.argv = {program("writes_unlocked")},
                  .env = {{"AXSHIM_GRACEFUL", "TERM"}, {"AXSHIM_BUDGET", "10s"}},
                  .deadline = seconds(25)};
  command.before_exec = [&] { dup2(ends[1], 3); };
  command.interact = [&](pid_t pid) {
    close(ends[1]);
    while (!is_asleep(pid)) std::this_thread::yield();  // the pipe is full
    kill(pid, SIGTERM);
    reader = std::thread([&] {
      char piece[4096];
      for (ssize_t size; (size = read(ends[0], piece, sizeof piece)) > 0;)
        text.append(piece, static_cast<size_t>(size));
    });
  };
  const Outcome end = recorded(command);
  reader.join();
  close(ends[0]);
  EXPECT_EQ(end.status, killed(SIGTERM)) << describe(end.status);
  std::string expected = before;
  for (int i = 0; expected.size() < text.size(); ++i) {
    char line[16];
    snprintf(line, sizeof line, "%08d\n", i);
    expected += line;
  }
  EXPECT_EQ(text, expected.substr(0, text.size()));
  EXPECT_FALSE(only_record(log())["termination"].contains("graceful"));
}

}  // namespace
}  // namespace axshim_test
