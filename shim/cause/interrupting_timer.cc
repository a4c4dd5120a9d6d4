#include "cause/interrupting_timer.h"

#include <algorithm>

#include "base/clock.h"

namespace axshim {
namespace {

constexpr int64_t kAgain = 10'000'000;

void interrupt(int, siginfo_t *, void *) {}  // that it comes is enough

}  // namespace

InterruptingTimer::InterruptingTimer(int64_t deadline) : BorrowedTimer(interrupt) {
  arm(std::max<int64_t>(deadline - monotonic_ns(), 1), kAgain);
}

}  // namespace axshim
