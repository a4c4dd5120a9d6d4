// What the journals of processes add to a tally, where no record says it better.
#pragma once

#include <string>
#include <vector>

#include "tool/names.h"
#include "tool/tally.h"

namespace axshim::tool {

class Journals {
 public:
  // Throws std::runtime_error with a line that says why it is no journal.
  void add(const std::string &path);
  // A process that left both is counted once.
  void see(const RecordFacts &);
  // Once all records were seen. What a file lacks by now is told on stderr; false then.
  bool count(Tally &, Names &) const;

 private:
  struct Known {
    std::string path;
    int64_t pid;
    int64_t started;      // seconds
    bool became_another;  // by exec
    bool has_record;
  };
  std::vector<Known> known_;
};

}  // namespace axshim::tool
