// Which cleanups run at which end: the table of the README as one pure function.
#pragma once

#include "cause/cause.h"

namespace axshim {

enum class Reason : uint8_t {
  none,
  forced_exit,
  not_signal_safe,
  exec,
  inherited,
  handler_exited,
  unsafe_after_failure,
  budget,
  seccomp,
  policy,
  vanished,
};

inline const char *reason_name(Reason reason) {
  constexpr const char *kNames[] = {"",          "forced-exit",    "not-signal-safe",      "exec",
                                    "inherited", "handler-exited", "unsafe-after-failure", "budget",
                                    "seccomp",   "policy",         "vanished"};
  return kNames[static_cast<int>(reason)];
}

// What the decision needs to know of the termination so far.
struct Situation {
  End end;
  bool in_signal_handler = false;  // of the program's own, when it called _exit
  bool handler_exited = false;     // an exit handler of the program's ended the process
  bool rescue = false;             // AXSHIM_RESCUE=forced
  bool out_of_time = false;        // the budget of a graceful end was spent: it became a forced one
  bool after_failure = false;      // an ordinary cleanup crashed or hung: the heap's lock may be held
  bool budget_spent = false;
  bool quiet = false;          // under a seccomp filter
  bool survives_exec = false;  // the new image declares the same cleanups
};

// And of the cleanup.
struct Traits {
  bool signal_safe = false;
  bool orderly_only = false;
  bool forced_only = false;
  bool inherited_by_exec = false;  // the environment declares it
  bool observed = false;           // the program's own: libc runs it at an orderly end
  bool quick = false;              // or at quick_exit, and then alone
};

// keep: it is for libc to run, or goes on to the image that exec starts
enum class Verdict : uint8_t { run, skip, keep };

struct Decision {
  Verdict verdict;
  Reason reason = Reason::none;  // of skip
};

// Signal-safe.
Decision decide(const Situation &, const Traits &);

}  // namespace axshim
