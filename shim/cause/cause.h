// What ends a process image: every hook makes one of these and hands it to the spine.
#pragma once

#include <signal.h>
#include <stdint.h>

#include "record/backtrace.h"

namespace axshim {

enum class End : uint8_t { main_return, exit, immediate_exit, quick_exit, abort, signal, exec };

inline const char *end_name(End end) {
  constexpr const char *kNames[] = {"return", "exit", "_exit", "quick_exit", "abort", "signal", "exec"};
  return kNames[static_cast<int>(end)];
}

inline bool is_orderly(End end) { return end == End::main_return || end == End::exit; }
inline bool is_fatal_signal(End end) { return end == End::abort || end == End::signal; }

struct Cause {
  End end;
  int status = 0;                 // of the ends that have one
  int signal = 0;                 // of abort and signal
  siginfo_t info = {};            // of a delivered signal
  const char *path = nullptr;     // of exec: the new image
  const char *called = nullptr;   // the libc function that the program called, for people
  bool cleanups_survive = false;  // of exec: the new image gets the variable and the preload
  Context context = {};           // where it happened; of the orderly ends, where exit was called
};

}  // namespace axshim
