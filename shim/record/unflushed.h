// What the program wrote to stdio and stdio did not write yet: at a forced end it is lost, or rescued.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "record/backtrace.h"

namespace axshim {

struct UnflushedStream {
  FILE *stream;
  int fd;              // -1: none
  size_t bytes;        // characters of a wide stream
  size_t rescued;      // how many of them went
  bool busy;           // some thread is in the middle of writing to it
  bool last_byte_due;  // it may not be stored yet, and is not rescued
  bool interrupted;    // this one may be, without a lock: then nobody can tell what is written already
  char target[256];    // what fd is open on, as /proc names it; empty where that is not known
};

// True if a stream holds output of this process's own. Cheap, needs no FaultGuard, writes nothing; a broken
// list of streams costs only the answer. Signal-safe.
bool has_unflushed_output();

// Lists the streams with output of this process's own in the order in which libc flushes them, and returns
// how many there are: more than `capacity` where `out` was too small. `where` is what ends the process:
// libc's putc takes no lock while there is one thread. One at a time in the process. Signal-safe; wants a
// FaultGuard.
size_t find_unflushed(UnflushedStream *out, size_t capacity, const Context &where);

// Writes what they hold without libc, and takes it out of their buffers. Where a pipe, socket or terminal
// takes no more it waits until `deadline`, a time of monotonic_ns() (0: as long as it takes). Left alone are
// streams that stay busy, and those whose bytes are not the descriptor's: wide and cookie streams. `bytes` is
// brought up to date: 0 where a thread has flushed the stream since. The streams that it took stay locked, so
// that what other threads print from now on does not follow in part: no stdio on this thread until
// unlock_rescued(). Signal-safe; wants a FaultGuard.
void rescue_unflushed(UnflushedStream *streams, size_t count, int64_t deadline);

// The process lives on after all. Signal-safe; wants a FaultGuard where the program's memory may be broken.
void unlock_rescued();

// Whether this thread is in the middle of a flush by stdio that takes no lock: nothing would tell the exit
// handlers of another thread, which flush too. Signal-safe.
bool is_flushing_unlocked(const Context &where);

// In a fork child: what the streams hold now is its parent's, until it is flushed. And the other way round
// where a parent leaves all to its child. look_up_streams() before the fork spares each child a look-up of 20
// us. Signal-safe.
void look_up_streams();
void remember_inherited_output();

}  // namespace axshim
