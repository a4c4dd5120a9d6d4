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

enum class Phase : uint32_t { alive, orderly, forced, done };

// The phase and the thread that brought it about, as one word.
std::atomic<uint64_t> claimed{0};

constexpr uint64_t pack(Phase phase, int tid) {
  return static_cast<uint64_t>(phase) << 32 | static_cast<uint32_t>(tid);
}
Phase phase_of(uint64_t word) { return static_cast<Phase>(word >> 32); }
int tid_of(uint64_t word) { return static_cast<int>(word); }

Cause orderly_cause;
bool orderly_cause_known = false;
bool record_was_written = false;
bool exec_is_under_way = false;
uint32_t turns_before_exec = 0;

// For those that lost: until the process is gone, or whoever was to end it is (an exec that failed gives its
// claim back, a thread may leave by pthread_exit).
void wait_a_little() {
  const timespec wait = {0, 10'000'000};
  if (!process.quiet) sys::call(SYS_ppoll, 0, 0, sys::arg(&wait), 0, 8);
}

bool is_gone(int tid) { return !process.quiet && sys::call(SYS_tgkill, process.pid, tid, 0) == -ESRCH; }

// True if this thread may end the process in that way; false if it is doing so already, or all is done.
// `from` is the furthest phase of another thread's that it takes over.
bool claim(Phase wanted, Phase from = Phase::orderly) {
  const int self = thread_id();
  uint64_t now = claimed.load(std::memory_order_acquire);
  for (;;) {
    const Phase phase = phase_of(now);
    const bool own = tid_of(now) == self;
    if (phase == Phase::done || (phase == Phase::forced && own)) return false;
    if (phase <= from || own || is_gone(tid_of(now))) {
      if (claimed.compare_exchange_weak(now, pack(wanted, self), std::memory_order_acq_rel)) return true;
    } else if (phase == Phase::orderly) {
      return false;
    } else {
      wait_a_little();
      now = claimed.load(std::memory_order_acquire);
    }
  }
}

// After a cleanup: a signal, or another thread's _exit, may have taken an orderly end over meanwhile.
// A cleanup may also have forked: the child that comes back here is not ending.
void check_claim() {
  const int self = thread_id();
  for (uint64_t now;
       phase_of(now = claimed.load(std::memory_order_acquire)) != Phase::alive && tid_of(now) != self;)
    wait_a_little();
}

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
  CancellationDisabled() { real::pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before_); }
  ~CancellationDisabled() { real::pthread_setcancelstate(before_, nullptr); }

 private:
  int before_;
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

void run_and_record(void *argument) {
  Cause &cause = *static_cast<Cause *>(argument);
  settle_daemon_entries(cause);
  journal::begin_end(cause);
  const uint64_t program_mask = block_all_but_faults(cause.end);
  keep_log_descriptor();
  std::optional<FaultGuard> guard;
  if (!process.quiet) guard.emplace();
  if (comes_from_abort(cause)) cause.end = End::abort;
  Record record;
  record.cause = &cause;
  give_outcomes(cause, program_mask, {registry::size(), 0, all}, check_claim);
  find_python_callbacks(cause, record);
  audit_output(cause, record);
  record_was_written = write_record(record);
  journal::finish_end(record.clean);
}

void on_stack(void (*function)(void *), void *argument) {
  CancellationDisabled guard;
  on_private_stack(function, argument, process.quiet ? process.reserved_stack : nullptr);
}

void run_and_record(Cause cause) { on_stack(run_and_record, &cause); }

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
          give_outcomes(work.cause, sys::kAllSignals, work.plan, check_claim);
        },
        &work);
  }
  if (!heap_may_be_locked()) return;
  terminate(cause);
  if (graceful::is_leaving()) graceful::die();
  sys::exit_group(cause.status);
}

}  // namespace

bool could_matter(End end) {
  if (has_signal(end) || registry::has_ours() || settings.report == Report::always) return true;
  if (end == End::exec && journal::is_kept()) return true;
  if (is_orderly(end)) return orderly_end_went_wrong();
  return registry::has_own_handlers() || runs_python() ||
         (settings.stdio != Stdio::off && has_unflushed_output() && is_mine());
}

void end_unrecorded() {
  if (journal::is_kept() && is_mine()) journal::finish_end(true);
}

Cause *announce(End end) {
  if (!could_matter(end) || !is_mine() || !claim(Phase::orderly, Phase::alive)) return nullptr;
  if (orderly_cause_known && end != End::quick_exit) return nullptr;
  replace_announced({.end = end});
  keep_log_descriptor();
  return &orderly_cause;
}

void replace_announced(const Cause &cause) {
  orderly_cause = cause;
  orderly_cause_known = true;
}

const Cause &announced(const Cause &otherwise) { return orderly_cause_known ? orderly_cause : otherwise; }

void run_ordinary_cleanups(const Cause &cause) {
  if (!is_mine() || !claim(Phase::orderly)) return;
  run_midway(cause, {registry::size(), 0, declared_ordinary});
}

bool run_cleanups_of_api(size_t top, size_t bottom, int status) {
  if (process.quiet || !is_mine() || !claim(Phase::orderly)) return false;
  const Cause unseen = {.end = End::exit, .status = status & 0xff};
  run_midway(announced(unseen), {top + 1, bottom, of_api_up_to_a_handler});
  return true;
}

void terminate(const Cause &cause) {
  ErrnoGuard guard;
  if (!could_matter(cause.end) || !is_mine() ||
      !claim(is_orderly(cause.end) ? Phase::orderly : Phase::forced))
    return;
  if (exec_is_under_way) exec_failed();      // a signal was faster
  if (!is_orderly(cause.end)) forget_budget();
  run_and_record(cause);
  if (is_orderly(cause.end)) claimed.store(pack(Phase::done, thread_id()), std::memory_order_release);
}

void wait_for_orderly_end() {
  while (phase_of(claimed.load(std::memory_order_acquire)) != Phase::done) wait_a_little();
}

void terminate_by_exec(const Cause &cause) {
  ErrnoGuard guard;
  record_was_written = false;
  const uint64_t before = claimed.load();
  if (!claim(Phase::forced)) return;
  exec_is_under_way = true;
  turns_before_exec = registry::turns();
  run_and_record(cause);
  claimed.store(before);
}

void exec_failed() {
  ErrnoGuard guard;
  if (!exec_is_under_way || !is_mine()) return;
  exec_is_under_way = false;
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
  if (record_was_written) write_exec_failed();
  record_was_written = false;
}

void yield_to_forced_end() {
  if (!is_forced_end() || is_ending_here() || !is_mine()) return;
  const PythonUnlocked others_may_run;  // a cleanup may be a function of Python's
  while (is_forced_end() && !is_ending_here() && is_mine()) wait_a_little();
}

bool is_forced_end() { return phase_of(claimed.load(std::memory_order_acquire)) == Phase::forced; }

bool is_recording_exec() { return exec_is_under_way && is_ending_here(); }

bool is_ending_here() {
  const uint64_t now = claimed.load(std::memory_order_acquire);
  return phase_of(now) == Phase::forced && tid_of(now) == thread_id();
}

void forget_termination() {
  claimed = 0;
  orderly_cause_known = false;
  record_was_written = false;
  forget_budget();
}

}  // namespace axshim
