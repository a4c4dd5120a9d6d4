// The facts of one termination, collected once and then rendered by a sink.
#pragma once

#include <stdint.h>
#include <time.h>

#include "cause/cause.h"
#include "cleanup/registry.h"
#include "record/names.h"
#include "record/python.h"
#include "record/survivors.h"
#include "record/unflushed.h"

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
  UnflushedStream streams[64];
  size_t stream_count = 0;
  timespec time = {};
  int64_t uptime_ns = 0;
  char host[65] = {};
  int ppid = 0;
  int uid = -1;
  char exe[4096] = {};
  int tid = 0;
  char thread_name[17] = {};
  char sender_name[17] = {};
  const Entry **cleanups = few;  // those that it lists, in the order in which they ran or would have run
  size_t cleanup_count = 0;
  bool cleanups_cut = false;   // not all are there
  const Entry *few[256] = {};  // where there is no memory
  Names names;
  PythonCallbacks python;
  const Survivor *threads = nullptr;
  size_t thread_count = 0;
  const Survivor *children = nullptr;
  size_t child_count = 0;
  unsigned hazards = 0;      // bits of Hazard
  char message[512] = {};    // libc's or the assertion's last words
  char exception[512] = {};  // type of the C++ exception that ended it
  Summary summary;
  bool clean = true;
};

// Counts what became of the cleanups, of this process alone; decides whether the end was clean. Signal-safe.
void judge(Record &);

// Fills in the rest; memory comes from fresh pages. Signal-safe.
void collect(Record &);

// What became of a cleanup at this end.
struct Result {
  State state;
  Reason reason = Reason::none;  // of skipped
  const char *error = nullptr;
};
// Signal-safe.
Result result_of(const Cause &, const Entry &);

// The name of a cleanup: declared, or that of its function; `buffer` serves where it has none. Signal-safe.
inline constexpr size_t kMostNameSize = sizeof(Symbol::name) + sizeof(Module::path);
std::string_view name_of(const Record &, const Entry &, Text &buffer);

// True if the processor raised the signal, so that si_addr is an address. Signal-safe.
bool is_fault(const Cause &);

// True if the thread that the signal came to raised it itself, or its process did. Signal-safe.
bool is_own_doing(const Cause &);

// True if another process sent the signal. Signal-safe.
bool has_sender(const Cause &);

// True if the signal is abort's doing: libc's own calls of it (assert, malloc, stack smashing) reach no hook.
// As process 1 it ends by a fault instead. Signal-safe.
bool comes_from_abort(const Cause &);

// True if `where` is inside a signal handler of the program's. Signal-safe.
bool in_signal_handler(const Context &where);

}  // namespace axshim
