// The default action of a fatal signal, taken by us.
#include <signal.h>
#include <ucontext.h>

#include "base/errno_guard.h"
#include "base/sys.h"
#include "cause/cause.h"
#include "cause/dispositions.h"
#include "process.h"
#include "record/symbols.h"
#include "terminate.h"

namespace axshim {
namespace {

// The same signal with the same siginfo comes again when the handler returns, and finds SIG_DFL: the death, the
// core and its registers are those of a process without us. Returning to fault again would do for faults alone.
void die_on_return(int signal, siginfo_t *info) {
  sys::change_mask(SIG_SETMASK, sys::kAllSignals);
  sys::change_action(signal, {});
  const int pid = sys::getpid(), tid = sys::gettid();
  if (sys::call(SYS_rt_tgsigqueueinfo, pid, tid, signal, sys::arg(info)) != 0)
    sys::call(SYS_tgkill, pid, tid, signal);
}

// libc's own calls of abort (assert, malloc, stack smashing) reach no hook, only the signal that abort raises.
bool comes_from_abort(int signal, const siginfo_t *info, const Context &context) {
  if (signal != SIGABRT || info->si_code != SI_TKILL || info->si_pid != process.pid) return false;
  Frame frames[8];
  const size_t count = unwind(context, frames, 8);
  for (size_t i = 0; i < count; ++i)
    if (address_in_function(frames[i].pc, "libc.so", "abort")) return true;
  return false;
}

}  // namespace

void on_fatal_signal(int signal, siginfo_t *info, void *context) {
  ErrnoGuard guard;
  if (is_mine()) {
    Cause cause = {.end = End::signal, .signal = signal, .info = *info};
    cause.context = context_of(static_cast<ucontext_t *>(context));
    if (comes_from_abort(signal, info, cause.context)) cause.end = End::abort;
    terminate(cause);
  }
  // Under a seccomp filter the kernel has put SIG_DFL back (SA_RESETHAND), and the fault comes again by itself.
  if (!process.quiet) die_on_return(signal, info);
}

}  // namespace axshim
