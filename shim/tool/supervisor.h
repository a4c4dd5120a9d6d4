// Runs the program as if it had been started directly: in our process group, with the signal mask and the
// dispositions that we found, and with the signals that are sent to us.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <functional>
#include <unordered_map>

namespace axshim::tool {

class Supervisor {
 public:
  // Blocks all signals: they are taken one by one. Where it adopts, what the program leaves behind becomes
  // ours, not init's.
  explicit Supervisor(bool adopts);

  // 0, or the errno of exec.
  int start(char *const *argv, char *const *envp);
  // Until it has ended. Stops and goes on with it.
  void wait_for_program();
  // Until no child is left, the time is over, or a signal tells us to end. `tick` is called once a second.
  void wait_for_others(int64_t nanoseconds, const std::function<void(int64_t left)> &tick);

  // What is still to be done may be interrupted.
  void let_signals_in();
  // As the program did.
  [[noreturn]] void end_alike();

  pid_t pid() const { return pid_; }
  bool has_ended() const { return ended_.contains(pid_); }
  int status() const { return ended_.at(pid_).status; }
  bool has_children() const { return has_children_; }
  // Of the program, and of those that it left to us; the last that had a pid. The status is as waitpid gives
  // it.
  struct Ended {
    int64_t start_ticks;
    int status;
  };
  const std::unordered_map<pid_t, Ended> &ended() const { return ended_; }

 private:
  void reap();
  void take(const siginfo_t &);
  void forward(const siginfo_t &);
  void stop_alike(int signal);

  pid_t pid_ = 0;
  bool has_children_ = true;
  bool was_stopped_with_group_ = false;
  sigset_t mask_;  // as we found it
  struct sigaction child_, stop_[3];
  std::unordered_map<pid_t, Ended> ended_;
};

}  // namespace axshim::tool
