#include "base/fault_guard.h"

#include "base/real.h"
#include "base/sys.h"

namespace axshim {
namespace {

constexpr int kFaults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
constexpr int kFaultCount = sizeof kFaults / sizeof *kFaults;

thread_local Landing *innermost = nullptr;

int depth = 0;
struct sigaction before[kFaultCount];

void on_fault(int signal, siginfo_t *info, void *context) {
  leave_guarded(signal);
  // Another thread's fault: its own business, as before.
  for (int i = 0; i < kFaultCount; ++i) {
    if (kFaults[i] != signal) continue;
    if (before[i].sa_handler != SIG_DFL && before[i].sa_handler != SIG_IGN) {
      before[i].sa_sigaction(signal, info, context);
    } else {
      real::sigaction(signal, &before[i], nullptr);  // the fault comes again, and finds it
    }
  }
}

}  // namespace

FaultGuard::FaultGuard() {
  if (depth++ > 0) return;
  struct sigaction guard = {};
  guard.sa_sigaction = on_fault;
  guard.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;  // no mask to restore: sigsetjmp need not save one
  for (int i = 0; i < kFaultCount; ++i) real::sigaction(kFaults[i], &guard, &before[i]);
  uint64_t faults = 0;
  for (int signal : kFaults) faults |= sys::signal_bit(signal);
  sys::change_mask(SIG_UNBLOCK, faults);
}

FaultGuard::~FaultGuard() {
  if (--depth > 0) return;
  for (int i = 0; i < kFaultCount; ++i) real::sigaction(kFaults[i], &before[i], nullptr);
}

void push_landing(Landing *landing) {
  landing->outer = innermost;
  landing->reason = 0;
  innermost = landing;
}

void pop_landing(Landing *landing) { innermost = landing->outer; }

bool inside_guarded() { return innermost != nullptr; }

void forget_landings() { innermost = nullptr; }

void leave_guarded(int reason) {
  Landing *landing = innermost;
  if (landing == nullptr) return;
  landing->reason = reason;
  siglongjmp(landing->place, 1);
}

}  // namespace axshim
