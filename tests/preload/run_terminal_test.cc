// `axshim run` at a terminal: job control, and what people see.
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "preload/runs.h"

namespace axshim_test {
namespace {

using testing::HasSubstr;
using testing::Not;

class RunAtTerminal : public Run {
 protected:
  RunAtTerminal() {
    if (openpty(&master_, &slave_, nullptr, nullptr, nullptr) != 0)
      throw std::runtime_error("openpty failed");
  }
  ~RunAtTerminal() override {
    close(master_);
    close(slave_);
  }
  // A job of a shell at that terminal, in the foreground.
  Command job(const std::string &script, const Words &arguments) {
    Command result = command(arguments);
    const Words words = result.argv;
    result.argv = {"/usr/bin/setsid", "--ctty", "--wait", "/bin/sh", "-c", "set -m; " + script, "sh"};
    result.argv.insert(result.argv.end(), words.begin(), words.end());
    result.before_exec = [this] { dup2(slave_, 0); };
    return result;
  }
  void press(char key) const { EXPECT_EQ(write(master_, &key, 1), 1); }
  // Until the terminal shows that; the text so far.
  std::string read_until(const std::string &expected) const {
    std::string text;
    pollfd polled = {master_, POLLIN, 0};
    while (text.find(expected) == text.npos && poll(&polled, 1, 20000) == 1) {
      char buffer[4096];
      const ssize_t size = read(master_, buffer, sizeof buffer);
      if (size <= 0) break;
      text.append(buffer, static_cast<size_t>(size));
    }
    EXPECT_THAT(text, HasSubstr(expected));
    return text;
  }
  int master_ = -1, slave_ = -1;
};

// Seen to fail (more than 20) where signals of the kernel's are forwarded.
TEST_F(RunAtTerminal, CtrlCComesToTheProgramOnceEachTime) {
  Command end_by_term = job("\"$@\"; echo ended $? >&0", {program("has_job_control")});
  std::string shown;
  end_by_term.interact = [&](pid_t setsid) {
    for (int i = 0; i < 20; ++i) {  // two that come at once are one
      press(3);
      shown += read_until("interrupted");
    }
    kill(child_of(child_of(setsid)), SIGTERM);
  };
  bare(end_by_term);
  shown += read_until("ended 143");
  size_t count = 0;
  for (size_t at = 0; (at = shown.find("interrupted", at)) != shown.npos; ++at) ++count;
  EXPECT_EQ(count, 20U);
}

// Seen to hang without stop_alike().
TEST_F(RunAtTerminal, CtrlZStopsBothAndFgContinuesThem) {
  Command stopped =
      job("\"$@\"; echo stopped $?; fg >/dev/null; echo ended $?", {program("has_job_control")});
  stopped.interact = [this](pid_t) { press(26); };
  EXPECT_EQ(bare(stopped).out, "ready\nstopped 148\nended 5\n");
}

TEST_F(RunAtTerminal, ShowsForWhatItWaits) {
  const Path gate = file("gate");
  ASSERT_EQ(mkfifo(gate.c_str(), 0600), 0);
  const std::string script =
      "(read line <" + gate.string() + "; exec " + program("exits_unseen") + ") & echo ready";
  Command waits = command({"--wait", "1m", "sh", "-c", script});
  waits.before_exec = [this] { dup2(slave_, 2); };
  waits.interact = [&](pid_t) {
    read_until("axshim: waiting ");
    std::ofstream(gate) << "go\n";
  };
  EXPECT_EQ(bare(waits).status, exited(0));
  EXPECT_THAT(read_until("raw exit 7"), Not(HasSubstr("left behind")));
}

}  // namespace
}  // namespace axshim_test
