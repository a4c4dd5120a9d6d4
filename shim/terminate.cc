#include "terminate.h"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <optional>

#include "base/clock.h"
#include "base/errno_guard.h"
#include "base/fault_guard.h"
#include "base/private_stack.h"
#include "base/proc.h"
#include "base/real.h"
#include "base/sys.h"
#include "cause/graceful.h"
#include "cause/phase.h"
#include "cleanup/actions.h"
#include "cleanup/observed.h"
#include "cleanup/outcomes.h"
#include "cleanup/registry.h"
#include "cleanup/watchdog.h"
#include "process.h"
#include "record/journal.h"
#include "record/python.h"
#include "record/record.h"
#include "settings.h"
#include "sink/destination.h"

namespace axshim {
namespace {

// A cause that was announced before the end comes to its last step. The first of a kind counts.
struct Announced {
  std::atomic<bool> taken{false};
  std::atomic<bool> known{false};
  Cause cause;

  Cause *take() { return taken.exchange(true) ? nullptr : &cause; }
  void publish() { known.store(true, std::memory_order_release); }
  const Cause &otherwise(const Cause &other) const {
    return known.load(std::memory_order_acquire) ? cause : other;
  }
  void forget() { taken = known = false; }
};
Announced orderly, graceful_signal, quick;

Announced &announcement_of(End end) { return end == End::quick_exit ? quick : orderly; }

// Of the exec that is under way.
bool exec_was_recorded = false;
uint32_t turns_before_exec = 0;

// Nothing but faults and our own timer may stop a forced end: the process dies the death that it chose. The
// program's mask, which is returned, does not come back: it would let in what is pending, to a process that
// should be dead.
uint64_t block_all_but_faults(End end) {
  uint64_t before = sys::kAllSignals;
  if (!is_orderly(end) && !process.quiet) sys::change_mask(SIG_SETMASK, sys::kAllSignals, &before);
  return before;
}

// A pending cancellation would end the thread in the middle of ending the process.
class CancellationDisabled {
 public:
  CancellationDisabled() { libc::pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before_); }
  ~CancellationDisabled() { libc::pthread_setcancelstate(before_, nullptr); }

 private:
  int before_ = PTHREAD_CANCEL_ENABLE;  // libc says nothing where there is no libpthread
};

void settle_daemon_entries(const Cause &cause) {
  if (process.quiet || !registry::has_daemon_entries()) return;
  registry::leave_family();
  if (cause.end == End::exec) return;
  // So ends the parent of a daemon.
  if (!is_fatal_signal(cause.end) && cause.status == 0 && has_live_children_only())
    registry::pass_daemon_entries();
  else if (process.generation > 0)
    registry::take_daemon_entries();
  registry::tell_whose_daemon_entries();
}

// An end that passes the interpreter by, called by ordinary code.
void find_python_callbacks(const Cause &cause, Record &record) {
  const bool passes_by = cause.end == End::immediate_exit || cause.end == End::quick_exit;
  if (!passes_by || heap_may_be_locked() || !runs_python() || in_signal_handler(cause.context)) return;
  Watchdog watchdog;
  watchdog.arm(settings.timeout_ns);
  if (guarded([&] { find_python_callbacks(record.python); }) != 0) record.python = {};
  watchdog.disarm();
}

void find_output(const Cause &cause, Record &record) {
  const size_t capacity = std::size(record.streams);
  record.stream_count = std::min(find_unflushed(record.streams, capacity, cause.context), capacity);
}

void rescue_output(const Cause &cause, Record &record) {
  if (record.stream_count == 0) return;
  const int64_t limit = time_for(cause, settings.timeout_ns);
  rescue_unflushed(record.streams, record.stream_count, limit == 0 ? 0 : monotonic_ns() + limit);
}

// As exit does it, but a stream in use is left alone, and a full pipe does not hold us up.
void flush_output(const Cause &cause, Record &record) {
  find_output(cause, record);
  rescue_output(cause, record);
  char buffer[256];
  Text ignored(buffer);  // what is left is counted
  guarded([&] { flush_streams(ignored); });
}

// What stdio holds at a forced end is lost. A rescued exit writes what the program's handlers printed.
void audit_output(const Cause &cause, Record &record) {
  if (cause.end == End::graceful_signal) flush_output(cause, record);
  record.stream_count = 0;
  if (settings.stdio == Stdio::off || (is_orderly(cause.end) && cause.end != End::graceful_signal)) return;
  find_output(cause, record);
  const bool as_exit = settings.rescue && (cause.end == End::immediate_exit || cause.end == End::quick_exit);
  if (settings.stdio == Stdio::rescue || as_exit) rescue_output(cause, record);
}

void keep_forced() {}

void run_and_record(void *argument) {
  Cause cause = *static_cast<const Cause *>(argument);  // copied here: the stack that we left may be a page
  const bool closes = is_orderly(cause.end);
  settle_daemon_entries(cause);
  journal::begin_end(cause);
  const uint64_t program_mask = block_all_but_faults(cause.end);
  keep_log_descriptor();
  std::optional<FaultGuard> guard;
  if (!process.quiet) guard.emplace();
  if (comes_from_abort(cause)) cause.end = End::abort;
  Record record;
  record.cause = &cause;
  give_outcomes(cause, program_mask, {registry::size(), 0, all}, closes ? phase::keep_closing : keep_forced);
  find_python_callbacks(cause, record);
  audit_output(cause, record);
  if (closes) phase::begin_writing();
  const bool was_written = write_record(record);
  if (cause.end == End::exec) exec_was_recorded = was_written;
  journal::finish_end(record.clean);
}

void on_stack(void (*function)(void *), void *argument) {
  CancellationDisabled guard;
  on_private_stack(function, argument, process.quiet ? process.reserved_stack : nullptr);
}

void run_and_record(const Cause &cause) { on_stack(run_and_record, const_cast<Cause *>(&cause)); }

// What the exec whose claim came to this thread has done is no longer so: it failed, or another end was
// faster.
void void_exec() {
  drop_log_descriptors();
  if (process.generation > 0) registry::join_family();
  for (size_t i = registry::size(); i-- > 0;) {
    Entry &entry = registry::at(i);
    if (entry.state != State::skipped || entry.reason != Reason::exec) continue;
    entry.turn = 0;
    registry::settle(entry, State::registered);
  }
  registry::set_turns(turns_before_exec);
  unlock_rescued();
  journal::take_end_back();
  if (exec_was_recorded) on_private_stack([](void *) { write_exec_failed(); }, nullptr);
  exec_was_recorded = false;
}

// In the middle of an orderly end. After a failure that is where it ends: the program's handlers and libc's
// flush are ordinary code too.
void run_midway(Cause cause, const Plan &plan) {
  struct Work {
    Cause &cause;
    const Plan &plan;
  } work = {cause, plan};
  if (!process.quiet) {  // else the rest of the end says so
    on_stack(
        [](void *argument) {
          const Work &work = *static_cast<Work *>(argument);
          FaultGuard guard;
          give_outcomes(work.cause, sys::kAllSignals, work.plan, phase::keep_cleaning);
        },
        &work);
  }
  phase::end_cleaning();
  if (!heap_may_be_locked()) return;
  if (claim_last_step()) conclude(cause);
  if (graceful::is_leaving()) graceful::die();
  sys::exit_group(cause.status);
}

}  // namespace

bool could_matter(End end) {
  if (has_signal(end) || registry::has_ours() || settings.report == Report::always) return true;
  if (end == End::exec && journal::is_kept()) return true;
  if (is_orderly(end)) return phase::orderly_has_begun_twice();
  return registry::has_own_handlers() || runs_python() ||
         (settings.stdio != Stdio::off && has_unflushed_output() && is_mine());
}

void end_unrecorded() {
  if (journal::is_kept() && is_mine()) journal::finish_end(true);
}

Cause *announce(End end) {
  if (!could_matter(end) || !is_mine()) return nullptr;
  if (end != End::quick_exit && !phase::claim_orderly(void_exec)) return nullptr;
  Cause *cause = announcement_of(end).take();
  if (cause == nullptr) return nullptr;
  *cause = {.end = end};
  keep_log_descriptor();
  return cause;
}

void publish(const Cause &cause) { announcement_of(cause.end).publish(); }

void announce_graceful(const Cause &cause) {
  phase::claim_orderly(void_exec);
  keep_log_descriptor();
  Cause *announced = graceful_signal.take();
  if (announced == nullptr) return;
  *announced = cause;
  graceful_signal.publish();
}

const Cause &announced(const Cause &otherwise) {
  if (otherwise.end == End::quick_exit) return quick.otherwise(otherwise);
  return graceful_signal.otherwise(orderly.otherwise(otherwise));
}

void run_ordinary_cleanups(const Cause &cause) {
  if (!is_mine() || !phase::claim_cleaning(void_exec)) return;
  run_midway(cause, {registry::size(), 0, declared_ordinary});
}

bool run_cleanups_of_api(size_t top, size_t bottom, int status) {
  if (process.quiet || !is_mine() || !phase::claim_cleaning(void_exec)) return false;
  const Cause unseen = {.end = End::exit, .status = status & 0xff};
  run_midway(announced(unseen), {top + 1, bottom, of_api_up_to_a_handler});
  return true;
}

bool claim_last_step() { return phase::claim_closing(void_exec); }

void conclude(const Cause &cause) {
  ErrnoGuard guard;
  run_and_record(cause);
}

void leave_last_step() {
  phase::close();
  yield_to_forced_end();
}

void terminate(const Cause &cause) {
  ErrnoGuard guard;
  if (!could_matter(cause.end) || !is_mine() || !phase::claim_forced(void_exec)) return;
  forget_budget();
  run_and_record(cause);
}

bool begin_exec() { return phase::claim_recording(void_exec); }

void terminate_by_exec(const Cause &cause) {
  ErrnoGuard guard;
  exec_was_recorded = false;
  turns_before_exec = registry::turns();
  run_and_record(cause);
  phase::begin_replacing();
}

void forgo_exec() { phase::forget_exec(); }

void exec_failed() {
  ErrnoGuard guard;
  if (!phase::take_exec_back()) return;
  void_exec();
  phase::forget_exec();
}

void yield_to_forced_end() {
  if (!phase::another_forces() || !is_mine()) return;
  const PythonUnlocked others_may_run;  // a cleanup may be a function of Python's
  phase::wait_for_another();
}

void forget_termination() {
  phase::forget();
  for (Announced *it : {&orderly, &graceful_signal, &quick}) it->forget();
  exec_was_recorded = false;
  forget_budget();
}

}  // namespace axshim
