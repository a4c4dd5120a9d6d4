// stderr is a terminal: one that is full, one in whose background the process is.
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <unistd.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

class Terminal : public PreloadTest {
 protected:
  Terminal() {
    if (openpty(&master_, &slave_, nullptr, nullptr, nullptr) != 0)
      throw std::runtime_error("openpty failed");
    fcntl(master_, F_SETFL, O_NONBLOCK);
  }
  ~Terminal() override {
    close(master_);
    close(slave_);
  }
  Outcome run(const std::vector<std::string> &argv) {
    return recorded({.argv = argv,
                     .env = {{"AXSHIM_LOG", "stderr"}},
                     .before_exec = [this] { dup2(slave_, 2); },
                     .deadline = std::chrono::seconds(15)});
  }
  int master_ = -1, slave_ = -1;
};

// A terminal cannot be asked not to wait. Seen to fail (nothing) where that is an error.
TEST_F(Terminal, GetsTheRecord) {
  EXPECT_EQ(run({program("calls__exit"), "7"}).status, exited(7));
  char text[4096] = {};
  EXPECT_GT(read(master_, text, sizeof text - 1), 0);
  EXPECT_THAT(text, testing::StartsWith("axshim: calls__exit["));
}

// Seen to hang without wait_for_room().
TEST_F(Terminal, ThatIsFullDoesNotDelayTheEnd) {
  const int flags = fcntl(slave_, F_GETFL);
  fcntl(slave_, F_SETFL, flags | O_NONBLOCK);
  const char page[4096] = {};
  while (write(slave_, page, sizeof page) > 0) continue;
  fcntl(slave_, F_SETFL, flags);
  EXPECT_EQ(run({program("kills_itself"), "15"}).status, killed(SIGTERM));
}

// With tostop set, who writes from the background is stopped. Seen to fail (stopped) without SIGTTOU among
// those that are blocked.
TEST_F(Terminal, InWhoseBackgroundItIsDoesNotStopTheEnd) {
  const std::string job = "set -m; stty tostop; " + program("returns_status") + " 7 & wait $!";
  const Outcome end = recorded({.argv = {program("runs_at_a_terminal"), "/bin/sh", "-c", job},
                                .env = {{"AXSHIM_PROGRAMS", "returns_status"}, {"AXSHIM_LOG", "stderr"}},
                                .deadline = std::chrono::seconds(10)});
  EXPECT_EQ(end.status, exited(7)) << describe(end.status);
}

}  // namespace
}  // namespace axshim_test
