// What /proc tells of processes, read without stdio or heap. Everything here is signal-safe.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

namespace axshim {

// The whole of a small file of /proc, at most size - 1 bytes, terminated; 0 where it can't be read.
size_t read_file(const char *path, char *buffer, size_t size);

struct ProcessState {
  char name[64];
  char state;  // 'R', 'S', 'Z'…
  int parent;
};
// False where there is no such process.
bool read_state(int pid, ProcessState &out);

// Clock ticks since boot at which this process started: with its pid, its identity.
int64_t start_time_of_self();

// The name that /proc shows for a process or, with `tid`, for a thread of this one; empty where it can't.
void append_process_name(Text &out, int pid);
void append_thread_name(Text &out, int tid);

// True if this process has no other thread but the shim's; false where /proc does not tell.
bool is_only_thread();

// True if this process has a child, alive or not waited for yet; and if it has one and all live.
bool has_child();
bool has_live_children_only();

}  // namespace axshim
