// Holds threads of a process where a race needs them, by ptrace: no test of a race relies on luck.
//
//   interact = [](pid_t pid) {
//     Tracer tracer(pid);
//     tracer.hold("kills", {{SYS_rt_sigaction, SIGTERM}});  // it is about to call that
//     ...
//   };  // lets all of them go
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace axshim_test {

// A system call. `after`: when it is done, else when it begins.
struct SystemCall {
  long number;
  std::optional<long> first = std::nullopt;  // its first argument
  bool after = false;
};

class Tracer {
 public:
  // Of a process whose threads all exist, each with a name of its own, and wait until the leader is traced.
  explicit Tracer(pid_t pid);
  ~Tracer();
  Tracer(const Tracer &) = delete;
  Tracer &operator=(const Tracer &) = delete;

  // Lets the thread run to the next of such calls, and stops it there. False if the process ended first. Of
  // the others those run that were released.
  bool hold(const std::string &thread, const std::vector<SystemCall> &calls);
  // Lets it go on.
  void release(const std::string &thread);

 private:
  struct Thread {
    pid_t tid;
    bool held = true;
    bool gone = false;
    SystemCall call = {-1};  // the last
  };
  void go_on(Thread &, int signal = 0);
  bool is_gone(Thread &);
  bool is_at_a_call(Thread &);

  using Clock = std::chrono::steady_clock;
  Clock::time_point deadline_ = Clock::now() + std::chrono::seconds(20);  // only ever reached by what hangs
  pid_t pid_;
  std::map<std::string, Thread> threads_;
};

}  // namespace axshim_test
