#include "cleanup/watchdog.h"

#include "base/fault_guard.h"

namespace axshim {
namespace {

void on_timer(int, siginfo_t *info, void *) {
  if (BorrowedTimer::is_expiry(*info)) leave_guarded(Watchdog::kExpired);
}

}  // namespace

Watchdog::Watchdog() : BorrowedTimer(on_timer) {}

}  // namespace axshim
