#include "cause/graceful.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <atomic>

#include "base/clock.h"
#include "base/export.h"
#include "base/fault_guard.h"
#include "base/proc.h"
#include "base/real.h"
#include "base/sys.h"
#include "cause/cause.h"
#include "cause/phase.h"
#include "cleanup/observed.h"
#include "cleanup/registry.h"
#include "process.h"
#include "record/unflushed.h"
#include "settings.h"
#include "terminate.h"

namespace axshim::graceful {
namespace {

// libc's own: setuid waits for every thread to answer one of them.
constexpr uint64_t kLibcSignals = sys::signal_bit(32) | sys::signal_bit(33);
constexpr int64_t kPatience = 1'000'000'000;

enum Stage : uint32_t { idle, changing, leaving, done, over };
std::atomic<uint32_t> stage{idle};

enum Order : uint32_t { none, leave_now, stop_now };
std::atomic<uint32_t> order{none};

pthread_t thread;
std::atomic<int> threads{1};
uint64_t last_mask = 0;                  // of the program's last thread
bool stack_is_kept = false;              // by libc, of a thread of ours that is gone
std::atomic<bool> someone_waits{false};  // in the signal's handler
Cause cause;
const ucontext_t *interrupted_context;
char cookie;

bool change_stage(uint32_t from, uint32_t to) { return stage.compare_exchange_strong(from, to); }

void wait_on(std::atomic<uint32_t> &word, uint32_t value, const timespec *limit = nullptr) {
  sys::call(SYS_futex, sys::arg(&word), FUTEX_WAIT_PRIVATE, value, sys::arg(limit));
}

void set(std::atomic<uint32_t> &word, uint32_t value) {
  word.store(value, std::memory_order_release);
  sys::call(SYS_futex, sys::arg(&word), FUTEX_WAKE_PRIVATE, INT32_MAX);
}

timespec as_timespec(int64_t ns) { return {ns / 1'000'000'000, ns % 1'000'000'000}; }

// Not noexcept: a handler may call pthread_exit.
void *run(void *) {
  process.helper_tid = sys::gettid();
  for (uint32_t now; (now = order.load(std::memory_order_acquire)) != leave_now; wait_on(order, none))
    if (now == stop_now) {
      if (stage == over) sys::change_mask(SIG_SETMASK, last_mask);  // libc calls exit on this thread now
      return nullptr;
    }
  // The handlers see the signals that the interrupted thread would have let in, and a second of this kind.
  uint64_t mask;
  __builtin_memcpy(&mask, &interrupted_context->uc_sigmask, sizeof mask);
  sys::change_mask(SIG_SETMASK, mask & ~settings.graceful.bits & ~kLibcSignals);
  announce_graceful(cause);
  note_orderly_end();
  libc::exit(128 + cause.signal);
  __builtin_unreachable();
}

bool start_thread() {
  uint64_t before;
  sys::change_mask(SIG_SETMASK, ~kLibcSignals, &before);
  set(order, none);
  process.helper_tid = 0;
  stack_is_kept = false;
  process.has_helper = ::pthread_create(&thread, nullptr, run, nullptr) == 0;
  while (process.has_helper && process.helper_tid == 0) sys::call(SYS_sched_yield);
  sys::change_mask(SIG_SETMASK, before);
  return process.has_helper;
}

// The kernel counts a thread that was joined for a moment longer.
void stop_thread() {
  process.has_helper = false;
  set(order, stop_now);
  libc::pthread_join(thread, nullptr);
  while (sys::call(SYS_tgkill, process.pid, process.helper_tid, 0) == 0) sys::call(SYS_sched_yield);
  stack_is_kept = true;
}

// Claims the change of whether there is a thread; false where it is not due. A listed signal that came to
// this thread meanwhile would wait for it.
class Change {
 public:
  explicit Change(bool has_thread) {
    if (settings.graceful.empty() || process.has_helper != has_thread || process.pid == 1 || !is_mine())
      return;
    sys::change_mask(SIG_BLOCK, settings.graceful.bits, &mask_);
    claimed_ = change_stage(idle, changing);
    if (!claimed_) sys::change_mask(SIG_SETMASK, mask_);
  }
  ~Change() {
    if (!claimed_) return;
    stage = idle;
    sys::change_mask(SIG_SETMASK, mask_);
  }
  bool is_claimed() const { return claimed_; }

 private:
  uint64_t mask_ = 0;
  bool claimed_ = false;
};

// Where no thread waits the budget's end comes as a signal, like the first: any thread may take it.
void arm_budget(int64_t deadline) {
  if (deadline == 0) return;
  sigevent event = {};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = cause.signal;
  event.sigev_value.sival_ptr = &cookie;
  int timer = -1;
  const itimerspec once = {.it_interval = {}, .it_value = as_timespec(deadline)};
  if (sys::call(SYS_timer_create, CLOCK_MONOTONIC, sys::arg(&event), sys::arg(&timer)) == 0)
    sys::call(SYS_timer_settime, timer, TIMER_ABSTIME, sys::arg(&once), 0);
}

bool is_budget(const siginfo_t &info) {
  return info.si_code == SI_TIMER && info.si_value.sival_ptr == &cookie;
}

// True if the handlers' thread waits for another, perhaps the one that waits for it; also where /proc does
// not tell. It may be asleep, or at work, for as long as it wants.
bool may_want_a_lock() {
  char path[64], call[64];
  (Text(path) << "/proc/self/task/").dec(process.helper_tid) << "/syscall";
  if (read_file(path, call, sizeof call) == 0) return true;
  char number[16];
  (Text(number)).dec(SYS_futex) << ' ';
  return std::string_view(call).starts_with(number);
}

// Until all is done. A thread that may hold a lock which a handler wants is let go.
Answer wait_until_done(int64_t deadline) {
  someone_waits = true;
  for (;;) {
    const uint32_t turns = registry::turns();
    const int64_t left = deadline != 0 ? deadline - monotonic_ns() : kPatience;
    const timespec limit = as_timespec(left < 0 ? 0 : left < kPatience ? left : kPatience);
    wait_on(stage, leaving, &limit);
    if (stage.load(std::memory_order_acquire) == done) return Answer::die;
    if (phase::is_forced()) continue;
    const bool is_late = deadline != 0 && monotonic_ns() >= deadline;
    if (!is_late && (registry::turns() != turns || left < kPatience || !may_want_a_lock())) continue;
    bool waited = true;
    if (!someone_waits.compare_exchange_strong(waited, false)) continue;
    if (is_late) return Answer::out_of_time;
    arm_budget(deadline);
    return Answer::go_on;
  }
}

}  // namespace

void start() {
  const Change change(false);
  if (change.is_claimed()) start_thread();
}

void stop() {
  const Change change(true);
  if (change.is_claimed()) stop_thread();
}

Answer leave(int signal, siginfo_t *info, const ucontext_t *interrupted) {
  if (is_budget(*info)) {
    *info = cause.info;
    return Answer::out_of_time;
  }
  if (phase::is_forced()) return Answer::refused;
  if (!phase::orderly_has_begun()) {
    FaultGuard guard;
    if (is_flushing_unlocked(context_of(interrupted))) return Answer::refused;
  }
  while (!change_stage(idle, leaving)) {
    if (stage != changing) return Answer::refused;
    sys::call(SYS_sched_yield);
  }
  cause = {.end = End::graceful_signal, .tid = sys::gettid(), .signal = signal, .info = *info};
  cause.context = context_of(interrupted);
  interrupted_context = interrupted;
  const int64_t budget = settings.budget_ns >= 0 ? settings.budget_ns : kDefaultBudget;
  const int64_t deadline = budget == 0 ? 0 : monotonic_ns() + budget;
  if (phase::orderly_has_begun()) {  // it is on its way, perhaps on this very thread
    announce_graceful(cause);
    arm_budget(deadline);
    return Answer::go_on;
  }
  if (!process.has_helper && !(stack_is_kept && start_thread())) {
    stage = over;
    return Answer::refused;
  }
  set(order, leave_now);
  return wait_until_done(deadline);
}

bool takes_its_place(siginfo_t *info) {
  if (!is_leaving() || settings.graceful.contains(SIGPIPE)) return false;
  *info = cause.info;
  return true;
}

bool is_leaving() {
  const uint32_t now = stage.load(std::memory_order_acquire);
  return now == leaving || now == done;
}

bool close() { return change_stage(idle, over) || !is_leaving(); }

void die() {
  bool waits = true;
  const bool other_dies = someone_waits.compare_exchange_strong(waits, false);
  set(stage, done);
  sys::change_mask(SIG_SETMASK, other_dies ? sys::kAllSignals : ~sys::signal_bit(cause.signal));
  for (;;) {
    if (other_dies) {
      sys::call(SYS_ppoll, 0, 0, 0, 0, 8);
      continue;
    }
    sys::change_action(cause.signal, {});
    if (sys::call(SYS_rt_tgsigqueueinfo, process.pid, sys::gettid(), cause.signal, sys::arg(&cause.info)) !=
        0)
      sys::call(SYS_tgkill, process.pid, sys::gettid(), cause.signal);
  }
}

void count_thread() { ++threads; }

void discount_thread() {
  if (--threads != 1 || !process.has_helper || !is_mine() || !change_stage(idle, over)) return;
  process.has_helper = false;
  sys::change_mask(SIG_BLOCK, 0, &last_mask);
  set(order, stop_now);
}

void forget() {
  stack_is_kept = process.has_helper || stack_is_kept;
  stage = idle;
  order = none;
  threads = 1;
  someone_waits = false;
  process.has_helper = false;
  process.helper_tid = 0;
}

}  // namespace axshim::graceful

using namespace axshim;

namespace {

int as_libc(long result) {
  if (!sys::failed(result)) return static_cast<int>(result);
  errno = static_cast<int>(-result);
  return -1;
}

}  // namespace

AXSHIM_EXPORTS_BEGIN

int unshare(int flags) noexcept {
  ensure_loaded();
  graceful::stop();
  const long result = sys::call(SYS_unshare, flags);
  graceful::start();
  return as_libc(result);
}

int setns(int fd, int type) noexcept {
  ensure_loaded();
  graceful::stop();
  const long result = sys::call(SYS_setns, fd, type);
  graceful::start();
  return as_libc(result);
}

int capset(__user_cap_header_struct *header, const __user_cap_data_struct *data) noexcept {
  ensure_loaded();
  graceful::stop();
  return as_libc(sys::call(SYS_capset, sys::arg(header), sys::arg(data)));
}

AXSHIM_EXPORTS_END
