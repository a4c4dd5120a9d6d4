// What /proc tells of processes, read without stdio or heap. Everything here is signal-safe.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

namespace axshim {

// The whole of a small file of /proc, at most size - 1 bytes, terminated; 0 where it can't be read.
size_t read_file(const char *path, char *buffer, size_t size);

// Clock ticks since boot at which this process started: with its pid, its identity.
int64_t start_time_of_self();

// The name that /proc shows for a process or, with `tid`, for a thread of this one; empty where it can't.
void append_process_name(Text &out, int pid);
void append_thread_name(Text &out, int tid);

// True if this process has no other thread; false where /proc does not tell.
bool is_only_thread();

// True if a child of this process is alive.
bool has_live_child();

}  // namespace axshim
