#include "cleanup/runner.h"

#include "base/clock.h"
#include "base/duration.h"
#include "base/fault_guard.h"
#include "base/signals.h"
#include "base/sys.h"
#include "base/text.h"
#include "cleanup/actions.h"
#include "cleanup/observed.h"
#include "process.h"

namespace axshim {
namespace {

constexpr int kEnded = 1002;
constexpr size_t kErrorSize = 256;

const char *ended_by = nullptr;

const char *keep(const Text &error) {
  char *copy = registry::allocate(error.size() + 1);
  if (copy == nullptr) return "no memory to say why";
  Text(copy, error.size() + 1) << error.view();
  return copy;
}

}  // namespace

bool Runner::run(Entry &entry, const Cause &cause, int64_t limit_ns) {
  State expected = State::registered;
  if (!entry.state.compare_exchange_strong(expected, State::running)) return true;
  entry.turn = registry::take_turn();
  const int64_t start = monotonic_ns();
  char buffer[kErrorSize];
  Text error(buffer);
  bool succeeded = false;
  const Declared *declared = entry.source == Source::env ? entry.declared : nullptr;
  const bool waits_itself =
      declared != nullptr && (declared->action == Action::exec || declared->action == Action::sh);
  if (!waits_itself) watchdog_.arm(limit_ns);
  const bool ordinary = declared == nullptr || !info(declared->action).signal_safe;
  uint64_t mask = 0;
  sys::change_mask(SIG_BLOCK, 0, &mask);
  if (ordinary) sys::change_mask(SIG_SETMASK, mask & program_mask_);
  ActionResult result = ActionResult::failed;
  const int left_for = guarded([&] {
    if (declared != nullptr) {
      result = perform(*declared, cause, limit_ns, error);
    } else {
      call_handler(entry, cause.status);
      result = ActionResult::succeeded;
    }
  });
  watchdog_.disarm();
  sys::change_mask(SIG_SETMASK, mask);
  succeeded = left_for == 0 && result == ActionResult::succeeded;

  State outcome = succeeded ? State::ran : State::failed;
  if (left_for == Watchdog::kExpired || result == ActionResult::timed_out) {
    outcome = State::timed_out;
    append_uptime(error << "took longer than ", limit_ns);
  } else if (left_for == kEnded) {
    error << ended_by;
  } else if (left_for != 0) {
    error << "crashed with ";
    error << signal_name(left_for);
  }
  entry.error = error.empty() ? nullptr : keep(error);
  entry.duration_ns = monotonic_ns() - start;
  entry.state.store(outcome, std::memory_order_release);
  return !(ordinary && left_for != 0 && left_for != kEnded);
}

void end_running_cleanup(const char *what) {
  if (!inside_guarded() || !is_mine()) return;
  ended_by = what;
  leave_guarded(kEnded);
}

}  // namespace axshim
