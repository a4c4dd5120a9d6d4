#include "base/fault_guard.h"

#include <atomic>

#include "base/real.h"
#include "base/sys.h"

namespace axshim {
namespace {

using sys::kFaults;
constexpr int kFaultCount = sizeof kFaults / sizeof *kFaults;

thread_local Landing *innermost = nullptr;

int depth = 0;
struct sigaction before[kFaultCount];
std::atomic<uint32_t> restored{0};
std::atomic<bool> changing{false};  // `before` and what is installed

const struct sigaction *disposition_before(int signal) {
  for (int i = 0; i < kFaultCount; ++i)
    if (kFaults[i] == signal) return &before[i];
  return nullptr;
}

void on_fault(int signal, siginfo_t *info, void *context) {
  const bool sent = info->si_code <= 0;
  if (!sent) leave_guarded(signal);
  // Another thread's fault, or somebody's kill: as before.
  const struct sigaction &otherwise = *disposition_before(signal);
  if (otherwise.sa_handler == SIG_DFL) {
    libc::sigaction(signal, &otherwise, nullptr);  // the fault comes again, and finds it
    if (sent) sys::call(SYS_tgkill, sys::getpid(), sys::gettid(), signal);
  } else if (otherwise.sa_handler != SIG_IGN) {
    otherwise.sa_sigaction(signal, info, context);
  }
}

// But for what another thread has changed meanwhile.
void put_back() {
  changing = true;
  for (int i = 0; i < kFaultCount; ++i) {
    struct sigaction now;
    if (libc::sigaction(kFaults[i], nullptr, &now) == 0 && now.sa_sigaction == on_fault)
      libc::sigaction(kFaults[i], &before[i], nullptr);
  }
  ++restored;
  changing = false;
}

}  // namespace

FaultGuard::FaultGuard() {
  sys::change_mask(SIG_UNBLOCK, sys::fault_signals());
  if (depth++ > 0) return;
  struct sigaction guard = {};
  guard.sa_sigaction = on_fault;
  guard.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;  // no mask to restore by who jumps out of it
  changing = true;
  for (int i = 0; i < kFaultCount; ++i) libc::sigaction(kFaults[i], &guard, &before[i]);
  changing = false;
}

FaultGuard::~FaultGuard() {
  if (--depth == 0) put_back();
}

uint32_t FaultGuard::restorations() { return changing ? kUnderWay : restored.load(); }

void FaultGuard::see_through(int signal, struct sigaction &action) {
  if (action.sa_sigaction != on_fault) return;
  for (int attempts = 0; changing && attempts < 1000; ++attempts) sys::call(SYS_sched_yield);
  action = *disposition_before(signal);
}

void FaultGuard::forget() {
  if (depth > 0) put_back();
  changing = false;
  depth = 0;
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
