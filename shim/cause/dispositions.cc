#include "cause/dispositions.h"

#include <stdint.h>
#include <string.h>

#include <optional>

#include "base/export.h"
#include "base/fault_guard.h"
#include "base/real.h"
#include "base/sys.h"
#include "cause/onstack.h"
#include "cause/phase.h"
#include "process.h"
#include "settings.h"

namespace axshim {
namespace {

// What the program gave with a SIG_DFL and our handler needs otherwise: which entry point is installed tells.
// Flags:
constexpr int kHiddenFlags[] = {SA_SIGINFO, SA_ONSTACK, SA_NODEFER, static_cast<int>(SA_RESETHAND)};
constexpr int kAllHidden = static_cast<int>(SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESETHAND);
constexpr int kOurFlags = SA_SIGINFO | SA_ONSTACK;
// Where the program gave none: a thread that goes on after a graceful end began must not see EINTR.
constexpr int kPristineFlags = kOurFlags | SA_RESTART;
constexpr int kRestorer = 0x04000000;  // libc adds it to whatever it installs
// And the mask, where it is one that libc's functions give; any other is in the kernel as the program gave
// it. Ours is full: of two signals that are pending at once the first to be delivered kills, as with SIG_DFL.
constexpr int kMaskShift = 4;
constexpr int kMaskEmpty = 1 << kMaskShift, kMaskItself = 2 << kMaskShift;
constexpr int kVariants = 3 << kMaskShift;
constexpr int kPristine = kVariants;  // of a SIG_DFL that the program never touched

// The entry points lie one after another at equal distances, so that the address of one tells its variant.
constexpr int kDistance = 8;
extern "C" __attribute__((visibility("hidden"))) const char axshim_entry_points[];
asm(R"(
  .pushsection .text
  .balign 8
  .globl axshim_entry_points
  .type axshim_entry_points, @function
axshim_entry_points:
  .rept 49
  jmp axshim_on_fatal_signal
  .balign 8
  .endr
  .size axshim_entry_points, . - axshim_entry_points
  .popsection
)");
static_assert(kPristine == 49 - 1, "one entry point for each variant");

auto entry_point(int variant) {
  return reinterpret_cast<void (*)(int, siginfo_t *, void *)>(
      reinterpret_cast<uintptr_t>(axshim_entry_points + variant * kDistance));
}

int variant_of(const struct sigaction &action) {
  const uintptr_t offset =
      reinterpret_cast<uintptr_t>(action.sa_sigaction) - reinterpret_cast<uintptr_t>(axshim_entry_points);
  return offset <= kPristine * kDistance ? static_cast<int>(offset / kDistance) : -1;
}

int hidden_flags(int variant) {
  int flags = 0;
  if (variant == kPristine) return flags;
  for (int i = 0; i < 4; ++i)
    if ((variant >> i & 1) != 0) flags |= kHiddenFlags[i];
  return flags;
}

uint64_t mask_of(const struct sigaction &action) {
  uint64_t mask;
  memcpy(&mask, &action.sa_mask, sizeof mask);
  return mask;
}

void set_mask(struct sigaction &action, uint64_t mask) { memcpy(&action.sa_mask, &mask, sizeof mask); }

// All but the faults of our own handler, and the signal by which libc's setuid reaches every thread: one may
// wait in our handler.
constexpr uint64_t kOurMask = ~(sys::fault_signals() | sys::signal_bit(33));

void give_our_handler(int signal, struct sigaction &action) {
  int variant = 0;
  for (int i = 0; i < 4; ++i)
    if ((action.sa_flags & kHiddenFlags[i]) != 0) variant |= 1 << i;
  const uint64_t mask = mask_of(action);
  if (mask == 0) variant |= kMaskEmpty;
  if (mask == sys::signal_bit(signal)) variant |= kMaskItself;
  if (variant >> kMaskShift != 0) set_mask(action, kOurMask);
  action.sa_flags = (action.sa_flags & ~kAllHidden) | kOurFlags;
  action.sa_sigaction = entry_point(variant);
}

void as_program_sees(int signal, struct sigaction &action) {
  const int variant = variant_of(action);
  if (variant < 0) return onstack::as_program_sees(action);
  const int flags =
      action.sa_flags & ~(kRestorer | static_cast<int>(SA_RESETHAND));  // RESETHAND: see stop_watching
  const bool untouched = variant == kPristine && flags == kPristineFlags;
  action.sa_flags = untouched ? 0 : (action.sa_flags & ~kAllHidden) | hidden_flags(variant);
  if (untouched) action.sa_restorer = nullptr;
  if (variant == kPristine || (variant & kMaskEmpty) != 0) set_mask(action, 0);
  if (variant != kPristine && (variant & kMaskItself) != 0) set_mask(action, sys::signal_bit(signal));
  action.sa_handler = SIG_DFL;
}

bool is_watched(int signal) {
  return process.watched.load(std::memory_order_relaxed) && !process.quiet &&
         settings.signals.contains(signal);
}

sighandler_t as_program_sees(sighandler_t handler) {
  struct sigaction action = {};
  action.sa_handler = handler;
  return variant_of(action) >= 0 ? SIG_DFL : handler;
}

template <class Visit>
void each_watched(Visit visit) {
  for (int signal = 1; signal <= 64; ++signal)
    if (settings.signals.contains(signal)) visit(signal);
}

// The kernel ignores the signals of a PID namespace's first process that are at SIG_DFL; with a handler it
// would deliver them. Faults it cannot ignore, as long as they come again when the handler returns: a trap
// does not.
bool is_ignored_by_process_1(int signal) {
  return signal != SIGSEGV && signal != SIGBUS && signal != SIGILL && signal != SIGFPE && signal != SIGABRT;
}

// As it was: libc's sigaction would add a flag of its own.
void put_back(int signal, const struct sigaction &action) {
  sys::change_action(signal, {action.sa_handler, static_cast<unsigned>(action.sa_flags), action.sa_restorer,
                              mask_of(action)});
}

// The kernel gets the SIG_DFL that the program thinks it has.
void give_up_watching(int signal) {
  struct sigaction now;
  if (libc::sigaction(signal, nullptr, &now) != 0 || !is_our_handler(now)) return;
  as_program_sees(signal, now);
  put_back(signal, now);
}

// For siginterrupt: signals that interrupt system calls although signal() installs what they do.
std::atomic<uint64_t> interrupting{0};

bool is_fault(int signal) {
  return signal > 0 && signal < 65 && (sys::fault_signals() & sys::signal_bit(signal)) != 0;
}

// What a thread that dies has installed to do so stays: who would change it waits while another dies, and who
// dies waits for those that have seen nobody die.
std::atomic<int> changes{0};
thread_local int own_changes = 0;  // a signal may have come in the midst of one

class Change {
 public:
  Change() {
    begin();
    if (!phase::another_dies() || !is_mine()) return;
    end();
    phase::wait_for_another();
    begin();
  }
  ~Change() { end(); }
  Change(const Change &) = delete;
  Change &operator=(const Change &) = delete;

 private:
  static void begin() { ++own_changes, ++changes; }
  static void end() { --changes, --own_changes; }
};

// Another thread's guard may just put back what it had found: then once more.
template <class Sigaction>
int set_beside_guards(Sigaction &set, int signal, const struct sigaction *action, struct sigaction *old) {
  uint32_t before = FaultGuard::restorations();
  const int result = set(signal, action, old);
  if (result == 0 && old != nullptr) FaultGuard::see_through(signal, *old);
  if (result != 0 || action == nullptr) return result;
  for (int attempts = 0; attempts < 1000; ++attempts) {
    const uint32_t now = FaultGuard::restorations();
    if (now == before && now != FaultGuard::kUnderWay) break;
    before = now;
    if (now == FaultGuard::kUnderWay)
      sys::call(SYS_sched_yield);
    else
      set(signal, action, nullptr);
  }
  return result;
}

// sigaction by the function `set`, where the program has SIG_DFL for our handler.
template <class Sigaction>
int set_and_show(Sigaction &set, int signal, const struct sigaction *action, struct sigaction *old) {
  ensure_loaded();
  std::optional<Change> change;
  if (action != nullptr) change.emplace();
  struct sigaction ours;
  if (action != nullptr && action->sa_handler == SIG_DFL && is_watched(signal)) {
    ours = *action;
    give_our_handler(signal, ours);
    action = &ours;
  }
  const bool hides = action != nullptr && action != &ours && onstack::hide(ours = *action);
  if (hides) action = &ours;
  const int result =
      is_fault(signal) ? set_beside_guards(set, signal, action, old) : set(signal, action, old);
  if (hides) onstack::hidden(signal);
  if (result == 0 && old != nullptr) as_program_sees(signal, *old);
  return result;
}

// signal() and its like for SIG_DFL, in one step: a second look might undo what another thread has set
// meanwhile.
sighandler_t set_default(int signal, int flags, uint64_t mask) {
  struct sigaction action = {}, old;
  action.sa_flags = flags;
  set_mask(action, mask);
  return set_and_show(libc::sigaction, signal, &action, &old) == 0 ? old.sa_handler : SIG_ERR;
}

template <class Signal>
sighandler_t set_as_bsd(Signal &set, int signal, sighandler_t handler) {
  ensure_loaded();
  if (handler == SIG_DFL && is_watched(signal)) {
    const uint64_t bit = sys::signal_bit(signal);
    return set_default(signal, (interrupting & bit) != 0 ? 0 : SA_RESTART, bit);
  }
  const Change change;
  return as_program_sees(set(signal, handler));
}

template <class Signal>
sighandler_t set_as_sysv(Signal &set, int signal, sighandler_t handler) {
  ensure_loaded();
  constexpr int kFlags = static_cast<int>(SA_RESETHAND | SA_NODEFER | SA_INTERRUPT);
  if (handler == SIG_DFL && is_watched(signal)) return set_default(signal, kFlags, 0);
  const Change change;
  return as_program_sees(set(signal, handler));
}

}  // namespace

bool is_our_handler(const struct sigaction &action) { return variant_of(action) >= 0; }

bool comes_again(int signal) { return signal == SIGSEGV || signal == SIGILL || signal == SIGFPE; }

void watch_again(int signal) {
  struct sigaction now;
  if (phase::is_forced() || phase::is_done()) return;  // SIG_DFL is there for a thread that dies of it
  if (!is_watched(signal) || libc::sigaction(signal, nullptr, &now) != 0 || now.sa_handler != SIG_DFL) return;
  give_our_handler(signal, now);
  libc::sigaction(signal, &now, nullptr);
}

void await_changes() {
  constexpr int kMost = 100;  // a jump out of one leaves it counted
  const timespec a_ms = {0, 1'000'000};
  for (int ms = 0; changes > own_changes && !process.quiet && ms < kMost; ++ms)
    sys::call(SYS_ppoll, 0, 0, sys::arg(&a_ms), 0, 8);
}

void forget_changes() { changes = own_changes; }

void unwatch_what_process_1_ignores() {
  if (process.pid != 1) return;
  each_watched([](int signal) {
    if (!is_ignored_by_process_1(signal)) return;
    give_up_watching(signal);
    settings.signals.remove(signal);
  });
}

void watch_signals() {
  if (process.pid == 1)
    each_watched([](int signal) {
      if (is_ignored_by_process_1(signal)) settings.signals.remove(signal);
    });
  struct sigaction ours = {};
  ours.sa_sigaction = entry_point(kPristine);
  ours.sa_flags = kPristineFlags;
  set_mask(ours, kOurMask);
  // Set first and put back what was no SIG_DFL: one call for most signals. Blocked, so that none that the
  // program ignores comes meanwhile; setting SIG_IGN again drops it.
  uint64_t mask = 0;
  sys::change_mask(SIG_SETMASK, sys::kAllSignals, &mask);
  each_watched([&](int signal) {
    struct sigaction before;
    if (libc::sigaction(signal, &ours, &before) == 0 && before.sa_handler != SIG_DFL)
      put_back(signal, before);
  });
  sys::change_mask(SIG_SETMASK, mask);
}

void watch_signals_again() {
  each_watched([](int signal) {
    struct sigaction now;
    if (libc::sigaction(signal, nullptr, &now) != 0) return;
    if (is_our_handler(now)) now.sa_flags &= ~SA_RESETHAND;
    if (now.sa_handler == SIG_DFL) give_our_handler(signal, now);
    libc::sigaction(signal, &now, nullptr);
  });
}

void stop_watching_signals() {
  onstack::show();
  each_watched([](int signal) {
    if (!comes_again(signal)) return give_up_watching(signal);
    struct sigaction now;
    if (libc::sigaction(signal, nullptr, &now) != 0 || !is_our_handler(now)) return;
    now.sa_flags |= SA_RESETHAND;
    libc::sigaction(signal, &now, nullptr);
  });
}

}  // namespace axshim

using namespace axshim;

AXSHIM_EXPORTS_BEGIN

int sigaction(int signal, const struct sigaction *action, struct sigaction *old) noexcept {
  return set_and_show(real::sigaction, signal, action, old);
}
int __sigaction(int signal, const struct sigaction *action, struct sigaction *old) noexcept {
  return set_and_show(real::__sigaction, signal, action, old);
}

sighandler_t signal(int signal, sighandler_t handler) noexcept {
  return set_as_bsd(real::signal, signal, handler);
}
sighandler_t bsd_signal(int signal, sighandler_t handler) noexcept {
  return set_as_bsd(real::bsd_signal, signal, handler);
}
sighandler_t ssignal(int signal, sighandler_t handler) noexcept {
  return set_as_bsd(real::ssignal, signal, handler);
}
sighandler_t sysv_signal(int signal, sighandler_t handler) noexcept {
  return set_as_sysv(real::sysv_signal, signal, handler);
}
sighandler_t __sysv_signal(int signal, sighandler_t handler) noexcept {
  return set_as_sysv(real::__sysv_signal, signal, handler);
}

sighandler_t sigset(int signal, sighandler_t disposition) noexcept {
  ensure_loaded();
  const Change change;
  const sighandler_t old = real::sigset(signal, disposition);
  watch_again(signal);
  return as_program_sees(old);
}

// It installs again what it finds, ours: the disposition is no longer as the program's start left it.
int siginterrupt(int signal, int interrupt) noexcept {
  ensure_loaded();
  const Change change;
  const int result = real::siginterrupt(signal, interrupt);
  if (result == 0 && interrupt != 0) interrupting |= sys::signal_bit(signal);
  if (result == 0 && interrupt == 0) interrupting &= ~sys::signal_bit(signal);
  struct sigaction now;
  if (result == 0 && libc::sigaction(signal, nullptr, &now) == 0 && variant_of(now) == kPristine) {
    now.sa_sigaction = entry_point(kMaskEmpty);
    libc::sigaction(signal, &now, nullptr);
  }
  return result;
}

AXSHIM_EXPORTS_END
