// The facts of one termination, collected once and then rendered by a sink.
#pragma once

#include <stdint.h>
#include <time.h>

#include "cause/cause.h"
#include "record/symbols.h"

namespace axshim {

struct Summary {
  int registered = 0;
  int ran = 0;
  int failed = 0;
  int timed_out = 0;
  int interrupted = 0;
  int skipped = 0;
};

// Absent facts are empty, 0 or null: under a seccomp filter few can be asked for.
struct Record {
  const Cause *cause = nullptr;
  timespec time = {};
  int64_t uptime_ns = 0;
  char host[65] = {};
  int ppid = 0;
  int uid = -1;
  char exe[4096] = {};
  int tid = 0;
  char thread_name[17] = {};
  char sender_name[17] = {};
  Symbol *frames = nullptr;
  size_t frame_count = 0;
  char message[512] = {};    // libc's or the assertion's last words
  char exception[512] = {};  // type of the C++ exception that ended it
  Summary summary;
  bool clean = true;
};

// Counts what became of the cleanups, of this process alone; decides whether the end was clean. Signal-safe.
void judge(const Cause &, Summary &, bool &clean);

// Fills in the rest; memory comes from fresh pages. Signal-safe.
void collect(const Cause &, Record &);

// Which entries a record lists. Signal-safe.
struct Entry;
bool is_listed(const Entry &);
bool is_inherited(const Entry &);

// True if the processor raised the signal, so that si_addr is an address. Signal-safe.
bool is_fault(const Cause &);

// True if another process sent the signal. Signal-safe.
bool has_sender(const Cause &);

// True if the signal is abort's doing: libc's own calls of it (assert, malloc, stack smashing) reach no hook.
// As process 1 it ends by a fault instead. Signal-safe.
bool comes_from_abort(const Cause &);

// True if `where` is inside a signal handler of the program's. Signal-safe.
bool in_signal_handler(const Context &where);

}  // namespace axshim
