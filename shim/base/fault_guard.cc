#include "base/fault_guard.h"

#include <atomic>

#include "base/put_off.h"
#include "base/real.h"
#include "base/sys.h"

namespace axshim {
namespace {

using sys::kFaults;
constexpr int kFaultCount = sizeof kFaults / sizeof *kFaults;

thread_local Landing *innermost = nullptr;

// The first guard of the process installs the handlers, the last one puts back what it found. Any thread may
// have one, so each of the two is one step for the others: they wait for it, with all signals blocked, lest a
// handler on the same thread wait too.
int guards = 0;
struct sigaction before[kFaultCount];
std::atomic<bool> changing{false};
std::atomic<uint32_t> restored{0};

const struct sigaction *disposition_before(int signal) {
  for (int i = 0; i < kFaultCount; ++i)
    if (kFaults[i] == signal) return &before[i];
  return nullptr;
}

// What was blocked when this thread's outermost guard began: a signal that somebody sends stays so.
thread_local uint64_t program_mask = 0;

void on_fault(int signal, siginfo_t *info, void *context) {
  const bool sent = info->si_code <= 0;
  if (!sent) leave_guarded(signal);
  // Another thread's fault, or somebody's kill: as before.
  if (sent && (program_mask & sys::signal_bit(signal)) != 0)
    return put_off(signal, info, static_cast<ucontext_t *>(context));
  const struct sigaction &otherwise = *disposition_before(signal);
  if (otherwise.sa_handler == SIG_DFL) {
    libc::sigaction(signal, &otherwise, nullptr);  // the fault comes again, and finds it
    if (sent) sys::call(SYS_rt_tgsigqueueinfo, sys::getpid(), sys::gettid(), signal, sys::arg(info));
  } else if (otherwise.sa_handler != SIG_IGN) {
    otherwise.sa_sigaction(signal, info, context);
  }
}

class Change {
 public:
  Change() {
    sys::change_mask(SIG_SETMASK, sys::kAllSignals, &mask);
    while (changing.exchange(true, std::memory_order_acquire)) sys::call(SYS_sched_yield);
  }
  ~Change() {
    changing.store(false, std::memory_order_release);
    sys::change_mask(SIG_SETMASK, mask);
  }
  Change(const Change &) = delete;
  Change &operator=(const Change &) = delete;

  uint64_t mask;  // when it is over
};

void install() {
  struct sigaction guard = {};
  guard.sa_sigaction = on_fault;
  guard.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;  // no mask to restore by who jumps out of it
  for (int i = 0; i < kFaultCount; ++i) libc::sigaction(kFaults[i], &guard, &before[i]);
}

// But for what another thread has changed meanwhile.
void put_back() {
  for (int i = 0; i < kFaultCount; ++i) {
    struct sigaction now;
    if (libc::sigaction(kFaults[i], nullptr, &now) == 0 && now.sa_sigaction == on_fault)
      libc::sigaction(kFaults[i], &before[i], nullptr);
  }
  ++restored;
}

}  // namespace

FaultGuard::FaultGuard() {
  Change change;
  if (guards++ == 0) install();
  uint64_t pending = 0;
  sys::call(SYS_rt_sigpending, sys::arg(&pending), sizeof pending);
  blocked_ = change.mask & sys::fault_signals();
  outer_mask_ = program_mask;
  program_mask |= blocked_;
  change.mask &= ~(sys::fault_signals() & ~pending);
}

FaultGuard::~FaultGuard() {
  Change change;
  change.mask |= blocked_;
  program_mask = outer_mask_;
  if (--guards == 0) put_back();
}

uint32_t FaultGuard::restorations() { return changing ? kUnderWay : restored.load(); }

void FaultGuard::see_through(int signal, struct sigaction &action) {
  if (action.sa_sigaction != on_fault) return;
  for (int attempts = 0; changing && attempts < 1000; ++attempts) sys::call(SYS_sched_yield);
  action = *disposition_before(signal);
}

void FaultGuard::forget() {
  if (guards > 0 || changing) put_back();
  changing = false;
  guards = 0;
  program_mask = 0;
  innermost = nullptr;
}

void push_landing(Landing *landing) {
  landing->outer = innermost;
  landing->reason = 0;
  innermost = landing;
}

void pop_landing(Landing *landing) { innermost = landing->outer; }

Landing *innermost_landing() { return innermost; }
void forget_landings(Landing *landing) { innermost = landing; }

bool inside_guarded() { return innermost != nullptr; }

void leave_guarded(int reason) {
  Landing *landing = innermost;
  if (landing == nullptr) return;
  landing->reason = reason;
  __builtin_longjmp(landing->place, 1);
}

}  // namespace axshim
