// What CPython's module `atexit` would have called at the interpreter's exit, and does not at an end that
// passes the interpreter by.
#pragma once

#include <stddef.h>

namespace axshim {

struct PythonCallbacks {
  size_t count = 0;
  char names[1024] = {};  // module and name of those that found room, each ended by a newline
};

// True if this process runs an interpreter of its own: a fork child's callbacks may be its parent's. Costs
// next to nothing where there is none. Signal-safe.
bool runs_python();

// Asks the interpreter, if this thread holds its lock and atexit has not begun: later nobody knows which of
// them have run. Executes the interpreter's code, so it is for where ordinary cleanups may
// run, and wants a FaultGuard and a Watchdog. Those of the module axshim are left out: they are cleanups of
// the record. Not signal-safe.
void find_python_callbacks(PythonCallbacks &);

// While one lives, other threads have the interpreter's lock, where this one had it. Not signal-safe.
class PythonUnlocked {
 public:
  PythonUnlocked();
  ~PythonUnlocked();
  PythonUnlocked(const PythonUnlocked &) = delete;
  PythonUnlocked &operator=(const PythonUnlocked &) = delete;

 private:
  void *state_ = nullptr;
};

}  // namespace axshim
