// What becomes of the cleanups when the process ends.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "cleanup/registry.h"

namespace axshim {

// Those from number `top` down to `bottom` that `choose` takes, until it stops.
enum class Choice : uint8_t { pass, take, stop };
struct Plan {
  size_t top;
  size_t bottom;
  Choice (*choose)(const Entry &);
};

Choice all(const Entry &);
Choice declared_ordinary(const Entry &);
// One order: libc runs a handler of the program's before what was registered earlier.
Choice of_api_up_to_a_handler(const Entry &);

// Every own cleanup of the plan gets an outcome, newest first. Ordinary code runs with the program's mask.
// Before each, and after the last, `keep` waits while that is another thread's work. Signal-safe where
// ordinary code is not due.
void give_outcomes(const Cause &, uint64_t program_mask, const Plan &, void (*keep)());

// Another thread registered it once its turn had passed: at a forced end it is skipped as its kind is, even
// where it would have run. Signal-safe.
void skip_what_came_late(const Cause &);

// Nanoseconds for the next thing to do, at most `limit`, of what AXSHIM_BUDGET leaves for all together; 0: no
// limit; negative: nothing is left. An end that cuts another short, and a fork child, have a budget of their
// own.
int64_t time_for(const Cause &, int64_t limit);
void forget_budget();

// An ordinary cleanup crashed or hung: no ordinary code may follow.
bool heap_may_be_locked();

}  // namespace axshim
