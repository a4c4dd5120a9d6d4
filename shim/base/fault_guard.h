// Runs code that may fault (unwinding a broken stack, reading a truncated file, a cleanup of the program's)
// and comes back with the signal that stopped it.
#pragma once

#include <signal.h>
#include <stdint.h>

namespace axshim {

// While one lives, a SIGSEGV, SIGBUS, SIGILL, SIGFPE or SIGTRAP that this thread causes jumps back to the
// innermost guarded() call; other threads' and those that somebody sends go where they went before, and stay
// blocked where they were.
// Signal-safe.
class FaultGuard {
 public:
  FaultGuard();
  ~FaultGuard();
  FaultGuard(const FaultGuard &) = delete;
  FaultGuard &operator=(const FaultGuard &) = delete;

  // What the program has installed, where `action` is the guard's.
  static void see_through(int signal, struct sigaction &action);
  // How often a guard has put back what it had found installed; kUnderWay while one does, and never the same
  // twice.
  static uint32_t restorations();
  static constexpr uint32_t kUnderWay = UINT32_MAX;
  // In a fork child: the guards and the guarded calls on the copied stack are its parent's.
  static void forget();

 private:
  uint64_t blocked_;
  uint64_t outer_mask_;
};

// Where a jump out of guarded code lands, and what caused it.
struct Landing {
  void *place[5];  // of the compiler's own setjmp: libc's is a name that a program may define
  Landing *outer;
  volatile int reason;  // a signal number, or a value of the caller's own above 1000
};

// Calls body(); 0 when it returned, else the reason it was left for. Does not run destructors of what it
// left, and leaves the signal mask as it is.
template <class Body>
int guarded(Body &&body);

// Jumps to the innermost guarded() of this thread; returns where there is none. Signal-safe.
void leave_guarded(int reason);

// True on the thread that is inside guarded().
bool inside_guarded();

// For unwinding, which leaves landings without popping them: what is further in than `landing` is gone.
Landing *innermost_landing();
void forget_landings(Landing *landing);

void push_landing(Landing *landing);
void pop_landing(Landing *landing);

template <class Body>
int guarded(Body &&body) {
  Landing landing;
  push_landing(&landing);
  if (__builtin_setjmp(landing.place) == 0) body();
  pop_landing(&landing);
  return landing.reason;
}

}  // namespace axshim
