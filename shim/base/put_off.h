#pragma once

#include <signal.h>
#include <ucontext.h>

#include "base/sys.h"

namespace axshim {

// In the handler of a signal that somebody sent: it comes again when the mask is the program's again.
// Signal-safe.
inline void put_off(int signal, siginfo_t *info, ucontext_t *interrupted) {
  uint64_t mask;
  __builtin_memcpy(&mask, &interrupted->uc_sigmask, sizeof mask);
  mask |= sys::signal_bit(signal);
  __builtin_memcpy(&interrupted->uc_sigmask, &mask, sizeof mask);
  sys::change_mask(SIG_BLOCK, sys::signal_bit(signal));
  sys::call(SYS_rt_tgsigqueueinfo, sys::getpid(), sys::gettid(), signal, sys::arg(info));
}

}  // namespace axshim
