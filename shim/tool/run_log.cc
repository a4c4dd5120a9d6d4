#include "tool/run_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/owners.h"
#include "sink/datagram.h"
#include "sink/output.h"
#include "tool/journal_file.h"
#include "tool/shown.h"

namespace axshim::tool {

bool RunLog::give_up(const std::string &name, int error) {
  if (!given_up_.insert(name).second) return false;
  const char *why = error == EAGAIN ? "nobody read it for 200 ms" : strerror(error);
  complaints_ += "axshim: cannot write to " + shown(name) + ": " + why + "; what it lacks follows here\n";
  return false;
}

// A record that was cut goes to stderr as a whole.
bool RunLog::write(int fd, const std::string &name, std::string_view record) {
  const long result = write_within_limits(fd, record);
  return result == static_cast<long>(record.size()) ||
         give_up(name, result < 0 ? static_cast<int>(-result) : EAGAIN);
}

bool RunLog::append_to_file(const JournalHeader &process, std::string_view record) {
  char buffer[4096];
  Text path(buffer);
  if (!expand_template(log_, template_values(process), path)) return give_up(log_, ENAMETOOLONG);
  if (given_up_.contains(path.c_str())) return false;
  const int fd = open_to_append(path.c_str(), 0600);
  if (fd < 0) return give_up(path.c_str(), fd == kPlanted ? EACCES : -fd);
  const bool done = write(fd, path.c_str(), record);
  close(fd);
  return done;
}

bool RunLog::append(const JournalHeader &process, std::string_view record) {
  if (log_.empty() || log_ == "stderr" || given_up_.contains(log_)) return false;
  if (record.empty() || log_ == "none") return true;
  if (log_ == "syslog" || log_ == "journald") {
    const long result = (log_ == "syslog" ? send_to_syslog : send_to_journald)(record, false);
    return result >= 0 || give_up(log_, static_cast<int>(-result));
  }
  if (log_.starts_with("fd:")) return write(atoi(log_.c_str() + 3), log_, record);
  return append_to_file(process, record);
}

bool is_json(const std::string &format, const std::string &log) {
  return format.empty() ? log.ends_with(".json") || log.ends_with(".jsonl") : format == "json";
}

}  // namespace axshim::tool
