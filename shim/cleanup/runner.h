// Runs one cleanup in isolation: what it does to itself costs only itself.
#pragma once

#include <stdint.h>

#include "cleanup/registry.h"
#include "cleanup/watchdog.h"

namespace axshim {

class Runner {
 public:
  // Ordinary cleanups have the signals that are not in `program_mask` unblocked: what they start inherits
  // that.
  explicit Runner(uint64_t program_mask);

  // Runs a registered entry and stores its outcome; `limit_ns` bounds it (0: no limit). False if an ordinary
  // one crashed or hung: it may hold the heap's lock, so no ordinary code may follow. Signal-safe if the
  // action is.
  bool run(Entry &entry, const Cause &cause, int64_t limit_ns);

 private:
  Watchdog watchdog_;
  uint64_t program_mask_;
  uint64_t mask_ = 0;  // between cleanups
};

// Runs a registered entry where the process goes on: on this stack, for as long as it takes, and a crash is
// the program's. What it calls to end the process costs only itself. Forgets it; false if it failed, which it
// says on stderr.
bool run_now(Entry &);

// The cleanup that this thread runs has failed, because of `message` (may be null). Signal-safe.
void fail_running_cleanup(const char *message);

// For the hooks of what would end the process: does not return if a cleanup of this thread called it; that
// cleanup has failed, saying so, and the rest run. `what` may not be on the stack. Signal-safe.
void end_running_cleanup(const char *what);

}  // namespace axshim
