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
  unsafe_after_failure,
  budget,
  seccomp,
  policy,
};

inline const char *reason_name(Reason reason) {
  constexpr const char *kNames[] = {"",       "forced-exit", "not-signal-safe",
                                    "exec",   "inherited",   "unsafe-after-failure",
                                    "budget", "seccomp",     "policy"};
  return kNames[static_cast<int>(reason)];
}

// What the decision needs to know of the termination so far.
struct Situation {
  End end;
  bool in_signal_handler = false;  // of the program's own, when it called _exit
  bool after_failure = false;      // an ordinary cleanup crashed or hung: the heap's lock may be held
  bool budget_spent = false;
  bool quiet = false;          // under a seccomp filter
  bool survives_exec = false;  // the new image declares the same cleanups
};

// And of the cleanup.
struct Traits {
  bool signal_safe;
  bool orderly_only;
  bool forced_only;
};

enum class Verdict : uint8_t { run, skip, keep };  // keep: it goes on to the image that exec starts

struct Decision {
  Verdict verdict;
  Reason reason = Reason::none;  // of skip
};

// Signal-safe.
Decision decide(const Situation &, const Traits &);

}  // namespace axshim
