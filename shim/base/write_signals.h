#pragma once

#include <signal.h>
#include <time.h>

#include "base/sys.h"

namespace axshim {

// While one lives, no write of this thread raises a signal: SIGPIPE of a broken pipe, SIGXFSZ past a limit,
// SIGTTOU of a terminal's background. Those that it raised are taken back. Signal-safe.
class WriteSignalsBlocked {
 public:
  WriteSignalsBlocked() {
    sys::change_mask(SIG_BLOCK, kSignals, &before_);
    sys::call(SYS_rt_sigpending, sys::arg(&pending_), sizeof pending_);
  }
  ~WriteSignalsBlocked() {
    const uint64_t new_ones = kSignals & ~pending_;
    const timespec now = {};
    while (new_ones != 0 && sys::call(SYS_rt_sigtimedwait, sys::arg(&new_ones), 0, sys::arg(&now), 8) > 0) {
    }
    sys::change_mask(SIG_SETMASK, before_);
  }
  WriteSignalsBlocked(const WriteSignalsBlocked &) = delete;
  WriteSignalsBlocked &operator=(const WriteSignalsBlocked &) = delete;

 private:
  static constexpr uint64_t kSignals =
      sys::signal_bit(SIGPIPE) | sys::signal_bit(SIGXFSZ) | sys::signal_bit(SIGTTOU);
  uint64_t before_ = 0;
  uint64_t pending_ = 0;
};

}  // namespace axshim
