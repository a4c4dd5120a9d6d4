// Runs one cleanup in isolation: what it does to itself costs only itself.
#pragma once

#include <stdint.h>

#include "cleanup/registry.h"
#include "cleanup/watchdog.h"

namespace axshim {

class Runner {
 public:
  // True if an ordinary cleanup crashed or hung: it may hold the heap's lock, so no ordinary code may follow.
  bool after_failure() const { return after_failure_; }

  // Runs a registered entry and stores its outcome; `limit_ns` bounds it (0: no limit). Signal-safe if the
  // entry's action is.
  void run(Entry &entry, const Cause &cause, int64_t limit_ns);

 private:
  Watchdog watchdog_;
  bool after_failure_ = false;
};

// For the hooks of what would end the process: does not return if a cleanup of this thread called it; that
// cleanup has failed, saying so, and the rest run. `what` may not be on the stack. Signal-safe.
void end_running_cleanup(const char *what);

}  // namespace axshim
