// A system call that would wait for ever returns with EINTR, or with what it has done.
#pragma once

#include "cause/borrowed_timer.h"

namespace axshim {

class InterruptingTimer : public BorrowedTimer {
 public:
  // At a time of monotonic_ns(), and again every 10 ms, should it come just before the call. Signal-safe.
  explicit InterruptingTimer(int64_t deadline);
};

}  // namespace axshim
