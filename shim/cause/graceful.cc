#include "cause/graceful.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <atomic>

#include "base/export.h"
#include "base/real.h"
#include "base/sys.h"
#include "cause/cause.h"
#include "cleanup/observed.h"
#include "cleanup/registry.h"
#include "process.h"
#include "settings.h"
#include "terminate.h"

namespace axshim::graceful {
namespace {

// libc's own: setuid waits for every thread to answer one of them.
constexpr uint64_t kLibcSignals = sys::signal_bit(32) | sys::signal_bit(33);
constexpr int64_t kPatience = 1'000'000'000;

enum Stage : uint32_t { idle, leaving, done };
std::atomic<uint32_t> stage{idle};

enum Order : uint32_t { none, leave_now, stop_now };
std::atomic<uint32_t> order{none};

pthread_t thread;
std::atomic<int> threads{1};
std::atomic<bool> someone_waits{false};  // in the signal's handler
Cause cause;
const ucontext_t *interrupted_context;
char cookie;

void wait_on(std::atomic<uint32_t> &word, uint32_t value, const timespec *limit = nullptr) {
  sys::call(SYS_futex, sys::arg(&word), FUTEX_WAIT_PRIVATE, value, sys::arg(limit));
}

void set(std::atomic<uint32_t> &word, uint32_t value) {
  word.store(value, std::memory_order_release);
  sys::call(SYS_futex, sys::arg(&word), FUTEX_WAKE_PRIVATE, INT32_MAX);
}

// A signal, like the first, since any thread may take it: ours may be stuck with that one blocked.
void arm_budget() {
  const int64_t budget = settings.budget_ns >= 0 ? settings.budget_ns : kDefaultBudget;
  if (budget == 0) return;
  sigevent event = {};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = cause.signal;
  event.sigev_value.sival_ptr = &cookie;
  int timer;
  const itimerspec once = {.it_interval = {}, .it_value = {budget / 1'000'000'000, budget % 1'000'000'000}};
  if (sys::call(SYS_timer_create, CLOCK_MONOTONIC, sys::arg(&event), sys::arg(&timer)) == 0)
    sys::call(SYS_timer_settime, timer, 0, sys::arg(&once), 0);
}

// Not noexcept: a handler may call pthread_exit.
void *run(void *) {
  process.helper_tid = sys::gettid();
  for (uint32_t now; (now = order.load(std::memory_order_acquire)) != leave_now; wait_on(order, none))
    if (now == stop_now) return nullptr;
  // The handlers see the signals that the interrupted thread would have let in, and a second of this kind.
  uint64_t mask;
  __builtin_memcpy(&mask, &interrupted_context->uc_sigmask, sizeof mask);
  sys::change_mask(SIG_SETMASK, mask & ~settings.graceful.bits & ~kLibcSignals);
  announce(cause);
  note_orderly_end();
  real::exit(128 + cause.signal);
  __builtin_unreachable();
}

bool start_thread() {
  uint64_t before;
  sys::change_mask(SIG_SETMASK, ~kLibcSignals, &before);
  set(order, none);
  const bool started = ::pthread_create(&thread, nullptr, run, nullptr) == 0;
  sys::change_mask(SIG_SETMASK, before);
  while (started && process.helper_tid == 0) sys::call(SYS_sched_yield);
  process.has_helper = started;
  return started;
}

// The kernel counts a thread that was joined for a moment longer.
void stop_thread() {
  set(order, stop_now);
  real::pthread_join(thread, nullptr);
  while (sys::call(SYS_tgkill, process.pid, process.helper_tid, 0) == 0) sys::call(SYS_sched_yield);
  process.has_helper = false;
  process.helper_tid = 0;
}

// Until all is done; but a thread that holds a lock which a handler wants is let go.
Answer wait_until_done() {
  someone_waits = true;
  for (;;) {
    const uint32_t turns = registry::turns();
    const timespec limit = {kPatience / 1'000'000'000, 0};
    wait_on(stage, leaving, &limit);
    if (stage.load(std::memory_order_acquire) == done) return Answer::die;
    if (registry::turns() != turns || is_forced_end()) continue;
    bool waited = true;
    if (someone_waits.compare_exchange_strong(waited, false)) return Answer::go_on;
  }
}

}  // namespace

void start() {
  if (!settings.graceful.empty() && process.pid != 1) start_thread();
}

bool stop() {
  if (!process.has_helper || !is_mine() || stage != idle) return false;
  stop_thread();
  return true;
}

WithoutThread::WithoutThread(bool wanted) : stopped_(wanted && stop()) {}

WithoutThread::~WithoutThread() {
  if (stopped_) start_thread();
}

Answer leave(int signal, const siginfo_t *info, const ucontext_t *interrupted) {
  uint32_t expected = idle;
  if (is_forced_end() || !stage.compare_exchange_strong(expected, leaving)) return Answer::refused;
  cause = {.end = End::graceful_signal, .tid = sys::gettid(), .signal = signal, .info = *info};
  cause.context = context_of(interrupted);
  interrupted_context = interrupted;
  arm_budget();
  if (orderly_end_has_begun()) {  // it is on its way, perhaps on this very thread
    replace_announced(cause);
    return Answer::go_on;
  }
  if (!process.has_helper && !start_thread()) return Answer::refused;
  set(order, leave_now);
  return wait_until_done();
}

bool is_out_of_time(siginfo_t *info) {
  if (info->si_code != SI_TIMER || info->si_value.sival_ptr != &cookie) return false;
  *info = cause.info;
  return true;
}

bool is_leaving() { return stage.load(std::memory_order_acquire) != idle; }

void die() {
  bool waits = true;
  const bool has_thread_to_die = someone_waits.compare_exchange_strong(waits, false);
  set(stage, done);
  sys::change_mask(SIG_SETMASK, has_thread_to_die ? sys::kAllSignals : ~sys::signal_bit(cause.signal));
  while (has_thread_to_die) sys::call(SYS_ppoll, 0, 0, 0, 0, 8);
  sys::change_action(cause.signal, {});
  for (;;) {
    if (sys::call(SYS_rt_tgsigqueueinfo, process.pid, sys::gettid(), cause.signal, sys::arg(&cause.info)) != 0)
      sys::call(SYS_tgkill, process.pid, sys::gettid(), cause.signal);
  }
}

void count_thread() { ++threads; }

void discount_thread() {
  if (--threads != 1 || !process.has_helper || stage != idle || !is_mine()) return;
  process.has_helper = false;
  set(order, stop_now);
}

void forget() {
  stage = idle;
  order = none;
  threads = 1;
  someone_waits = false;
  process.has_helper = false;
  process.helper_tid = 0;
}

}  // namespace axshim::graceful

using namespace axshim;

AXSHIM_EXPORTS_BEGIN

// Some of what they do is refused to a process of several threads.

int unshare(int flags) noexcept {
  ensure_loaded();
  graceful::WithoutThread guard;
  const long result = sys::call(SYS_unshare, flags);
  if (!sys::failed(result)) return 0;
  errno = static_cast<int>(-result);
  return -1;
}

int setns(int fd, int type) noexcept {
  ensure_loaded();
  graceful::WithoutThread guard;
  const long result = sys::call(SYS_setns, fd, type);
  if (!sys::failed(result)) return 0;
  errno = static_cast<int>(-result);
  return -1;
}

// It takes rights from the calling thread alone.
int capset(cap_user_header_t header, const cap_user_data_t data) noexcept {
  ensure_loaded();
  graceful::stop();
  const long result = sys::call(SYS_capset, sys::arg(header), sys::arg(data));
  if (!sys::failed(result)) return 0;
  errno = static_cast<int>(-result);
  return -1;
}

AXSHIM_EXPORTS_END
