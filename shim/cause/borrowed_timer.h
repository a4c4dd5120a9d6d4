// A timer aimed at this thread, on a realtime signal that is borrowed from the program while one is at
// SIG_DFL, and given back.
#pragma once

#include <signal.h>
#include <stdint.h>

namespace axshim {

class BorrowedTimer {
 public:
  using Handler = void (*)(int, siginfo_t *, void *);

  // Signal-safe. Where the timer can't be had (RLIMIT_SIGPENDING), arm() does nothing.
  explicit BorrowedTimer(Handler);
  ~BorrowedTimer();
  BorrowedTimer(const BorrowedTimer &) = delete;
  BorrowedTimer &operator=(const BorrowedTimer &) = delete;

  bool is_there() const { return timer_ >= 0; }
  // In so many nanoseconds; then again and again, if that is said.
  void arm(int64_t ns, int64_t again_ns = 0);
  void disarm();
  // Of what a handler gets: ours, and not the program's own.
  static bool is_expiry(const siginfo_t &);

 private:
  int signal_ = 0;
  int timer_ = -1;
  struct sigaction before_;
  uint64_t mask_before_ = 0;
};

}  // namespace axshim
