// A record as the preload wrote it, read back from its line of JSON. However long that is, what is kept of it
// is small.
#pragma once

#include <stdint.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tool/extent.h"

namespace axshim::tool {

// So many of its cleanups are shown to people.
inline constexpr size_t kMostRows = 20;

struct Frame {
  std::string module, offset, symbol, plus;
};

struct RecordedCleanup {
  std::string name, source, outcome, reason, error;
  std::optional<Frame> registered_by;
};

struct RecordedStream {
  std::optional<int64_t> fd;
  std::string target;
  int64_t bytes = 0, rescued = 0;
  bool busy = false;
};

struct Survivor {
  std::string name;
  int64_t id = 0;
};

struct RecordSummary {
  int64_t registered = 0, ran = 0, failed = 0, timed_out = 0, interrupted = 0, skipped = 0;
  int64_t recovered = 0;  // by us; they were skipped
};

// What a record lacks is empty, or nullopt. Its texts are as a terminal may see them.
struct Record {
  Extent line;        // as it was written
  std::string event;  // of what is no record: "exec-failed"
  int64_t pid = 0;
  std::string exe, program, thread;
  std::optional<bool> clean;
  std::optional<int64_t> uptime_ms;

  std::string kind, signal, code, address, path, message, exception;
  std::optional<int64_t> status;
  bool graceful = false, core = false, oom = false;
  std::optional<Survivor> sender;
  int64_t sender_uid = 0;
  std::vector<Frame> backtrace;

  RecordSummary summary;
  std::vector<RecordedCleanup> cleanups;  // at most kMostRows
  uint64_t more_cleanups = 0;
  std::vector<RecordedStream> streams;
  std::vector<Survivor> threads, children;
  std::vector<std::string> hazards, python_callbacks;
  int64_t python_skipped = 0;
  bool truncated = false;
};

// Nothing for a line that is no record: a cut one, or what somebody else wrote there.
std::optional<Record> read_record(const Extent &line);
// Those in a file, in order; execs that failed after their record was written are no ends. Where a full disk
// cut one, the next stands on the same line.
std::vector<Record> read_records(const Extent &file);

// Its line, with what the process itself could not know.
void append_json(const Record &, Spool &out);

// "prog": people know programs by the name that they were started by.
std::string program_of(const Record &);

// As the preload writes it for people: a headline and a line for each fact, each beginning "axshim: ".
std::string text_of(const Record &);

}  // namespace axshim::tool
