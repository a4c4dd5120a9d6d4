// Stops a cleanup that takes too long: guarded() returns.
#pragma once

#include "cause/borrowed_timer.h"

namespace axshim {

class Watchdog : public BorrowedTimer {
 public:
  static constexpr int kExpired = 1001;  // the reason with which guarded() returns

  // Signal-safe.
  Watchdog();
};

}  // namespace axshim
