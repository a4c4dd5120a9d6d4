// This process as the shim knows it. One object, constant-initialised, written by its owner alone.
#pragma once

#include <stdint.h>
#include <time.h>

#include <atomic>
#include <string_view>

#include "base/text.h"

namespace axshim {

struct Process {
  std::atomic<bool> watched{false};  // the settings are read and name this program
  std::atomic<bool> quiet{false};    // under a seccomp filter: only write and gettid may be called
  char *reserved_stack = nullptr;    // mapped before the filter forbade it
  int pid = 0;                       // the owner of this memory; see is_mine()
  // Of process 1, whose pid a nested PID namespace's first process has too: the kernel clears it in a child.
  const bool *cleared_in_children = nullptr;
  bool under_valgrind = false;
  bool has_helper = false;  // a thread of the shim's own: AXSHIM_GRACEFUL
  std::atomic<int> helper_tid{0};
  uint32_t generation = 0;  // forks between the process that loaded the library and this one
  timespec started = {};    // CLOCK_REALTIME
  timespec started_monotonic = {};
  char program[256] = {};  // base name of argv[0]
};

extern Process process;

// True in the process that owns this memory: not in a vfork child, which borrows its parent's, and not in one
// that came by _Fork or clone, of which no atfork handler told us. Everything else is then passed through and
// nothing written. Signal-safe.
bool is_mine();

// This thread, to be compared with others of this process. Under a seccomp filter it asks nobody.
// Signal-safe.
int thread_id();
// What it was before a filter is what it stays.
void remember_thread_id();

// This process is the owner from now on, and starts now. Signal-safe.
void begin_process();

// Expands a template of the settings or of a cleanup with this process's facts; false if it does not fit.
// Signal-safe.
bool expand(std::string_view path, Text &out);

// Reads the settings, watches the signals, registers what is declared; once. Called by the library's
// constructor; a hook that a constructor before ours reaches calls it with `environ`. Not signal-safe.
void load(char **argv, char **envp);
void ensure_loaded();

}  // namespace axshim
