// Where the user wants records: those of processes that vanished come from us.
#pragma once

#include <set>
#include <string>

#include "record/journal_layout.h"

namespace axshim::tool {

class RunLog {
 public:
  // `log`: as AXSHIM_LOG, which may be unset.
  explicit RunLog(const std::string &log) : log_(log) {}

  // Appends a record of that process. False where it belongs on our stderr: that is the log, or the log can't
  // be written.
  bool append(const JournalHeader &process, std::string_view record);

  // What could not be written and why, in lines; empty where all could.
  const std::string &complaints() const { return complaints_; }

  const std::string &name() const { return log_; }

 private:
  bool append_to_file(const JournalHeader &process, std::string_view record);
  bool write(int fd, const std::string &name, std::string_view record);
  bool give_up(const std::string &name, int error);

  const std::string log_;
  std::string complaints_;
  std::set<std::string> given_up_;  // a log that nobody reads is not waited for again
};

// As the preload chooses it.
bool is_json(const std::string &format, const std::string &log);

}  // namespace axshim::tool
