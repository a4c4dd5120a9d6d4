#include "cause/onstack.h"

#include <atomic>

#include "base/real.h"
#include "base/sys.h"
#include "cause/altstack.h"
#include "cause/dispositions.h"
#include "process.h"

namespace axshim::onstack {
namespace {

// SA_EXPOSE_TAGBITS, from Linux 5.11 on; the older keep what they don't know. On x86 it means nothing, on
// aarch64 the tag of a pointer that faults.
constexpr int kInItsPlace = 0x800;

std::atomic<bool> any_hidden{false};
std::atomic<int> owner{0};  // the last process here that has an alternate stack of its own

bool is_handler(const struct sigaction &action) {
  return action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN;
}

// Go's runtime asks the kernel itself what alternate stack there is, takes ours for its own, and has stacks
// that are too small for any handler. It sets its handlers by libc (cgo), each with all signals blocked, or
// by system calls of its own.
bool blocks_all(const struct sigaction &action) {
  constexpr uint64_t kNeverBlocked = sys::signal_bit(SIGKILL) | sys::signal_bit(SIGSTOP) |
                                     sys::signal_bit(32) | sys::signal_bit(33);  // by the kernel, by libc
  uint64_t mask;
  __builtin_memcpy(&mask, &action.sa_mask, sizeof mask);
  return (mask | kNeverBlocked) == sys::kAllSignals;
}

bool others_have_set_handlers() {
  for (int signal = 1; signal < 32; ++signal) {
    struct sigaction now;
    if (libc::sigaction(signal, nullptr, &now) == 0 && (now.sa_flags & SA_ONSTACK) != 0 && is_handler(now) &&
        !is_our_handler(now))
      return true;
  }
  return false;
}

bool is_same(const struct sigaction &a, const struct sigaction &b) {
  return a.sa_handler == b.sa_handler && a.sa_flags == b.sa_flags;
}

void show(int signal) {
  struct sigaction now, shown, before;
  while (libc::sigaction(signal, nullptr, &now) == 0 && (now.sa_flags & kInItsPlace) != 0) {
    as_program_sees(shown = now);
    if (libc::sigaction(signal, &shown, &before) != 0 || is_same(before, now)) return;
    libc::sigaction(signal, &before, nullptr);  // another thread was faster
  }
}

}  // namespace

bool hide(struct sigaction &action) {
  if ((action.sa_flags & SA_ONSTACK) == 0 || !is_handler(action)) return false;
  if ((action.sa_flags & kInItsPlace) != 0 || !process.watched || process.quiet || owner != 0) return false;
  if (blocks_all(action) || program_has_altstack_here() || others_have_set_handlers()) {
    program_has_altstack();
    return false;
  }
  any_hidden = true;
  action.sa_flags = (action.sa_flags & ~SA_ONSTACK) | kInItsPlace;
  return true;
}

void hidden(int signal) {
  if (owner != 0) show(signal);
}

void as_program_sees(struct sigaction &action) {
  if (!any_hidden || (action.sa_flags & kInItsPlace) == 0) return;
  action.sa_flags = (action.sa_flags & ~kInItsPlace) | SA_ONSTACK;
}

void show() {
  if (!any_hidden) return;
  for (int signal = 1; signal <= 64; ++signal) show(signal);
}

// A vfork child that does so shows its own alone.
void program_has_altstack() {
  if (process.quiet) return;
  const int pid = sys::getpid();
  if (owner.exchange(pid) != pid) show();
}

}  // namespace axshim::onstack
