// The default action of a fatal signal, taken by us.
#include <signal.h>
#include <ucontext.h>

#include "base/errno_guard.h"
#include "base/fault_guard.h"
#include "base/private_stack.h"
#include "base/put_off.h"
#include "base/sys.h"
#include "cause/cause.h"
#include "cause/dispositions.h"
#include "cause/graceful.h"
#include "cause/phase.h"
#include "cleanup/observed.h"
#include "process.h"
#include "record/journal.h"
#include "settings.h"
#include "terminate.h"

namespace axshim {
namespace {

// The same signal with the same siginfo comes again when the handler returns, and finds SIG_DFL: the death,
// the core and its registers are those of a process without us. Returning to fault again would do for faults
// alone. No other signal is let in before it, whatever the program had unblocked (sigsuspend has a mask of
// its own).
void die_on_return(int signal, siginfo_t *info, ucontext_t *interrupted) {
  const uint64_t others = ~sys::signal_bit(signal);
  __builtin_memcpy(&interrupted->uc_sigmask, &others, sizeof others);
  sys::change_mask(SIG_SETMASK, sys::kAllSignals);
  phase::begin_dying();
  await_changes();
  sys::change_action(signal, {});
  // valgrind's processor is simulated, and takes a fault that is sent for one of its own.
  if (comes_again(signal) && info->si_code > 0 && process.under_valgrind) return;
  const int pid = sys::getpid(), tid = sys::gettid();
  if (sys::call(SYS_rt_tgsigqueueinfo, pid, tid, signal, sys::arg(info)) != 0)
    sys::call(SYS_tgkill, pid, tid, signal);
}

// Under a seccomp filter no signal can be sent, nor may a handler return. The kernel has put SIG_DFL back
// (SA_RESETHAND), so the fault is made again here: at the same address where it has one.
[[noreturn]] void die_quietly(int signal, const siginfo_t *info) {
  volatile int zero = 0;
  if (signal == SIGSEGV && info->si_code > 0) *static_cast<volatile char *>(info->si_addr) = 0;
  if (signal == SIGSEGV)
    *reinterpret_cast<volatile char *>(static_cast<uintptr_t>(zero)) = 0;  // NOLINT: that is it
  if (signal == SIGFPE) zero = 1 / zero;                                   // NOLINT: likewise
  __builtin_trap();
}

// A failed assertion, or libc itself, in a cleanup of the shim's on this thread: malloc may hold its lock.
void end_cleanup_that_aborted(int signal, const siginfo_t *info, const ucontext_t &interrupted) {
  if (signal != SIGABRT || info->si_code != SI_TKILL || info->si_pid != process.pid || !inside_guarded())
    return;
  uint64_t mask;
  __builtin_memcpy(&mask, &interrupted.uc_sigmask, sizeof mask);
  sys::change_mask(SIG_SETMASK, mask);
  leave_guarded(SIGABRT);
}

const void *stack_pointer_of(const ucontext_t &context) {
#if defined(__x86_64__)
  return reinterpret_cast<const void *>(context.uc_mcontext.gregs[REG_RSP]);
#elif defined(__aarch64__)
  return reinterpret_cast<const void *>(context.uc_mcontext.sp);
#endif
}

struct Ending {
  int signal;
  const siginfo_t *info;
  const ucontext_t *interrupted;
  bool out_of_time;
};

// On another stack at once: that of the handler may be an alternate stack of the program's with little room.
void end(void *argument) {
  const Ending &ending = *static_cast<Ending *>(argument);
  Cause cause = {.end = End::signal, .signal = ending.signal, .info = *ending.info};
  cause.out_of_time = ending.out_of_time;
  cause.context = context_of(ending.interrupted);
  terminate(cause);
}

}  // namespace

void on_fatal_signal(int signal, siginfo_t *info, void *context) {
  ErrnoGuard guard;
  ucontext_t *interrupted = static_cast<ucontext_t *>(context);
  const bool sent = info->si_code <= 0;
  // As without a handler; abort goes on to other means. It may be the first process of a namespace that clone
  // made.
  if (sent && (process.quiet ? process.pid : sys::getpid()) == 1) return;
  if (!sent && signal == SIGBUS && journal::replace_lost(info->si_addr)) return;
  if (is_mine()) {
    // Another thread, that was about to look at what is installed, put our handler back meanwhile.
    if (phase::is_dying_here()) return die_on_return(signal, info, interrupted);
    drop_left_handler(stack_pointer_of(*interrupted));
    end_cleanup_that_aborted(signal, info, *interrupted);
    if (sent && phase::is_recording_here()) return put_off(signal, info, interrupted);
    if (sent && phase::is_ending_here()) return;  // the process is dying already, of its own choice
    if (signal == SIGPIPE && graceful::takes_its_place(info)) signal = info->si_signo;
    using graceful::Answer;
    const Answer answer =
        settings.graceful.contains(signal) ? graceful::leave(signal, info, interrupted) : Answer::refused;
    if (answer == Answer::go_on) return;
    if (answer == Answer::die) return die_on_return(signal, info, interrupted);
    Ending ending = {signal, info, interrupted, answer == Answer::out_of_time};
    on_private_stack(end, &ending, process.quiet ? process.reserved_stack : nullptr);
  }
  if (process.quiet) return die_quietly(signal, info);
  die_on_return(signal, info, interrupted);
}

}  // namespace axshim
