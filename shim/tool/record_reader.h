// One line of JSON: a record, or what voids one.
#pragma once

#include <stdint.h>

#include <memory>
#include <string_view>
#include <vector>

namespace axshim::tool {

// The texts live until the next line is read. What the record does not say is empty.
struct CleanupFacts {
  std::string_view name, source, outcome, reason;
  std::string_view module, offset, build_id;  // of its function
};

struct RecordFacts {
  bool exec_failed = false;  // no record: it voids the last one of that pid
  int64_t pid = 0;
  std::string_view started, exe;
  std::string_view kind, signal;  // of the end
  int64_t status = -1;            // -1: none
  bool graceful = false;
  bool unclean = false;
  bool truncated = false;  // it lists only some of its cleanups
  std::vector<CleanupFacts> cleanups;
};

class RecordReader {
 public:
  RecordReader();
  ~RecordReader();

  // False for what is no record. There are kPadding readable bytes behind the line.
  bool read(std::string_view line, RecordFacts &);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace axshim::tool
