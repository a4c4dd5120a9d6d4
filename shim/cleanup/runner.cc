#include "cleanup/runner.h"

#include "base/clock.h"
#include "base/duration.h"
#include "base/escape.h"
#include "base/fault_guard.h"
#include "base/private_stack.h"
#include "base/real.h"
#include "base/signals.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/unwind_cleanup.h"
#include "cleanup/actions.h"
#include "cleanup/observed.h"
#include "process.h"
#include "record/journal.h"
#include "settings.h"
#include "sink/output.h"

namespace axshim {
namespace {

constexpr int kEnded = 1002;
constexpr size_t kErrorSize = 256;

thread_local const char *ended_by = nullptr;
thread_local Text *innermost_error = nullptr;  // of the cleanup that this thread runs
thread_local bool has_failed = false;

const char *keep(const Text &error) {
  char *copy = registry::allocate(error.size() + 1);
  if (copy == nullptr) return "no memory to say why";
  Text(copy, error.size() + 1) << error.view();
  return copy;
}

// What was said of it before goes to another that runs meanwhile, and comes back.
class Confession {
 public:
  explicit Confession(Text &error) : outer_(innermost_error), outer_failed_(has_failed) {
    innermost_error = &error;
    has_failed = false;
  }
  ~Confession() {
    innermost_error = outer_;
    has_failed = outer_failed_;
  }
  bool was_made() const { return has_failed; }

 private:
  Text *outer_;
  bool outer_failed_;
};

// Where a cleanup runs in the midst of the process, its thread may be cancelled.
class Unwinding {
 public:
  explicit Unwinding(Entry &entry)
      : entry_(entry), landing_(innermost_landing()), error_(innermost_error), failed_(has_failed) {}

 private:
  static void put_back(void *argument) {
    const Unwinding &it = *static_cast<Unwinding *>(argument);
    forget_landings(it.landing_);
    innermost_error = it.error_;
    has_failed = it.failed_;
    registry::remove(it.entry_);
  }

  Entry &entry_;
  Landing *landing_;
  Text *error_;
  bool failed_;
  UnwindCleanup when_cancelled_{put_back, this};
};

ActionResult call(const Entry &entry, int status) {
  if (entry.source == Source::api)
    reinterpret_cast<void (*)(void *)>(entry.function)(entry.argument);
  else
    call_handler(entry, status);
  return ActionResult::succeeded;
}

void complain_of(const Entry &entry, const Text &error) {
  char buffer[2 * kErrorSize];
  Text line(buffer);
  const std::string_view name = given_name(entry);
  line << "axshim: cleanup" << (name.empty() ? "" : " ");
  append_escaped(line, name);
  line << " failed: ";
  append_escaped(line, error.view());
  line.resize(sizeof buffer - 2);
  line << '\n';
  if (settings.stderr_file.open) write_within_limits(2, line.view());
}

State outcome_of(int left_for, ActionResult result, bool failed, int64_t limit_ns, Text &error) {
  if (left_for == Watchdog::kExpired || result == ActionResult::timed_out) {
    error.resize(0);
    append_uptime(error << "took longer than ", limit_ns);
    return State::timed_out;
  }
  if (left_for == kEnded) error << (error.empty() ? "" : "; ") << ended_by;
  if (left_for != 0 && left_for != kEnded)
    (error << (error.empty() ? "" : "; ") << "crashed with ") << signal_name(left_for);
  return left_for == 0 && result == ActionResult::succeeded && !failed ? State::ran : State::failed;
}

}  // namespace

Runner::Runner(uint64_t program_mask) : program_mask_(program_mask) {
  sys::change_mask(SIG_BLOCK, 0, &mask_);
}

bool Runner::run(Entry &entry, const Cause &cause, int64_t limit_ns) {
  if (!registry::take(entry)) return true;
  entry.turn = registry::take_turn();
  journal::note(entry, State::running);
  const int64_t start = monotonic_ns();
  char buffer[kErrorSize];
  Text error(buffer);
  const Declared *declared = is_declared(entry) ? entry.declared : nullptr;
  const bool waits_itself =
      declared != nullptr && (declared->action == Action::exec || declared->action == Action::sh);
  if (!waits_itself) watchdog_.arm(limit_ns);
  const bool ordinary = !is_signal_safe(entry);
  const bool unblocks = ordinary && (mask_ & program_mask_) != mask_;
  if (unblocks) sys::change_mask(SIG_SETMASK, mask_ & program_mask_);
  Confession confession(error);
  ActionResult result = ActionResult::failed;
  const int left_for = guarded([&] {
    result = declared != nullptr ? perform(*declared, cause, limit_ns, error) : call(entry, cause.status);
  });
  watchdog_.disarm();
  if (unblocks || left_for != 0) sys::change_mask(SIG_SETMASK, mask_);
  const State outcome = outcome_of(left_for, result, confession.was_made(), limit_ns, error);
  entry.error = error.empty() ? nullptr : keep(error);
  entry.duration_ns = monotonic_ns() - start;
  registry::settle(entry, outcome);
  return !(ordinary && left_for != 0 && left_for != kEnded);
}

bool run_now(Entry &entry) {
  if (!registry::take(entry)) return true;
  journal::note(entry, State::running);
  char buffer[kErrorSize];
  Text error(buffer);
  const Unwinding unwinding(entry);
  Confession confession(error);
  struct Work {
    Entry &entry;
    Text &error;
    ActionResult result = ActionResult::failed;
    int left_for = 0;
  } work = {entry, error};
  const auto do_it = [](void *argument) {
    static constexpr Cause kNone = {.end = End::exit};
    Work &work = *static_cast<Work *>(argument);
    work.left_for = guarded([&] {
      work.result = is_declared(work.entry)
                        ? perform(*work.entry.declared, kNone, settings.timeout_ns, work.error)
                        : call(work.entry, 0);
    });
  };
  // An action of ours wants more room than a coroutine may have; the program's functions may throw.
  if (is_declared(entry) && is_signal_safe(entry)) {
    int before = PTHREAD_CANCEL_ENABLE;  // libc says nothing where there is no libpthread
    libc::pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    on_private_stack(do_it, &work, process.quiet ? process.reserved_stack : nullptr);
    libc::pthread_setcancelstate(before, nullptr);
  } else {
    do_it(&work);
  }
  const bool ran =
      outcome_of(work.left_for, work.result, confession.was_made(), settings.timeout_ns, error) == State::ran;
  if (!ran) complain_of(entry, error);
  registry::remove(entry);
  return ran;
}

void fail_running_cleanup(const char *message) {
  if (innermost_error == nullptr) return;
  has_failed = true;
  innermost_error->resize(0);
  if (message != nullptr) *innermost_error << message;
}

void end_running_cleanup(const char *what) {
  if (!inside_guarded() || !is_mine()) return;
  ended_by = what;
  leave_guarded(kEnded);
}

}  // namespace axshim
