// What ends a process image: every hook makes one of these and hands it to the spine.
#pragma once

#include <signal.h>
#include <stdint.h>

#include "record/backtrace.h"

namespace axshim {

enum class End : uint8_t {
  main_return,
  exit,
  graceful_signal,  // one of AXSHIM_GRACEFUL: the process leaves by exit, then dies of it
  immediate_exit,
  quick_exit,
  abort,
  signal,
  exec,
  vanished,  // nothing in the process could run: only who reads its journal knows
};

inline const char *end_name(End end) {
  constexpr const char *kNames[] = {"return", "exit",   "signal", "_exit",   "quick_exit",
                                    "abort",  "signal", "exec",   "vanished"};
  return kNames[static_cast<int>(end)];
}

// libc runs the exit handlers.
inline bool is_orderly(End end) { return end <= End::graceful_signal; }
// Nothing ordinary may run any more.
inline bool is_fatal_signal(End end) { return end == End::abort || end == End::signal; }
inline bool has_signal(End end) { return is_fatal_signal(end) || end == End::graceful_signal; }

struct Cause {
  End end;
  int status = 0;                 // of the ends that have one
  int tid = 0;                    // of graceful_signal: the thread that it interrupted
  int signal = 0;                 // of abort and signal
  siginfo_t info = {};            // of a delivered signal
  const char *path = nullptr;     // of exec: the new image
  const char *called = nullptr;   // the libc function that the program called, for people
  bool cleanups_survive = false;  // of exec: the new image gets the variable and the preload
  bool out_of_reach = false;      // of exec: the preload names a file that is not there (another root)
  bool out_of_time = false;       // of signal: a graceful end that took longer than its budget
  Context context = {};           // where it happened; of the orderly ends, where exit was called
};

}  // namespace axshim
