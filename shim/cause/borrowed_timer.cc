#include "cause/borrowed_timer.h"

#include <time.h>

#include "base/real.h"
#include "base/sys.h"
#include "cause/dispositions.h"

namespace axshim {
namespace {

constexpr int kFirstRealtime = 34;  // 32 and 33 are libc's own
constexpr int kLastRealtime = 64;

char cookie;

timespec in_parts(int64_t ns) { return {ns / 1'000'000'000, ns % 1'000'000'000}; }

}  // namespace

BorrowedTimer::BorrowedTimer(Handler handler) {
  uint64_t pending = 0;  // of the program's, and blocked: it stays so
  sys::call(SYS_rt_sigpending, sys::arg(&pending), sizeof pending);
  for (int signal = kLastRealtime; signal >= kFirstRealtime && signal_ == 0; --signal) {
    if ((pending & sys::signal_bit(signal)) == 0 && libc::sigaction(signal, nullptr, &before_) == 0 &&
        (before_.sa_handler == SIG_DFL || is_our_handler(before_)))
      signal_ = signal;
  }
  if (signal_ == 0) return;
  sigevent event = {};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = signal_;
  event.sigev_value.sival_ptr = &cookie;
  event._sigev_un._tid = sys::gettid();
  if (sys::call(SYS_timer_create, CLOCK_MONOTONIC, sys::arg(&event), sys::arg(&timer_)) != 0) {
    timer_ = -1;
    return;
  }
  struct sigaction ours = {};
  ours.sa_sigaction = handler;
  ours.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  libc::sigaction(signal_, &ours, nullptr);
  sys::change_mask(SIG_UNBLOCK, sys::signal_bit(signal_), &mask_before_);
}

BorrowedTimer::~BorrowedTimer() {
  if (timer_ < 0) return;
  sys::call(SYS_timer_delete, timer_);
  libc::sigaction(signal_, &before_, nullptr);
  sys::change_mask(SIG_SETMASK, mask_before_);
}

void BorrowedTimer::arm(int64_t ns, int64_t again_ns) {
  if (timer_ < 0 || ns <= 0) return;
  const itimerspec times = {.it_interval = in_parts(again_ns), .it_value = in_parts(ns)};
  sys::call(SYS_timer_settime, timer_, 0, sys::arg(&times), 0);
}

void BorrowedTimer::disarm() {
  if (timer_ < 0) return;
  const itimerspec never = {};
  sys::call(SYS_timer_settime, timer_, 0, sys::arg(&never), 0);
}

bool BorrowedTimer::is_expiry(const siginfo_t &info) {
  return info.si_code == SI_TIMER && info.si_value.sival_ptr == &cookie;
}

}  // namespace axshim
