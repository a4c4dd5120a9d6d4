// Stops a cleanup that takes too long: a timer aimed at this thread, on a realtime signal that is borrowed
// from the program while one is at SIG_DFL, and given back.
#pragma once

#include <signal.h>
#include <stdint.h>

namespace axshim {

class Watchdog {
 public:
  static constexpr int kExpired = 1001;  // the reason with which guarded() returns

  // Signal-safe. Where the timer can't be had (RLIMIT_SIGPENDING), arm() does nothing.
  Watchdog();
  ~Watchdog();
  Watchdog(const Watchdog &) = delete;
  Watchdog &operator=(const Watchdog &) = delete;

  void arm(int64_t ns);
  void disarm();

 private:
  int signal_ = 0;
  int timer_ = -1;
  struct sigaction before_;
  uint64_t mask_before_ = 0;
};

}  // namespace axshim
