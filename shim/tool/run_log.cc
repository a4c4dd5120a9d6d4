#include "tool/run_log.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "sink/datagram.h"
#include "tool/journal_file.h"

namespace axshim::tool {
namespace {

bool write_all(int fd, const std::string &text) {
  return fd >= 0 && write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

bool append_to_file(const std::string &path, const JournalHeader &process, const std::string &record) {
  char buffer[4096];
  Text expanded(buffer);
  if (!expand_template(path, template_values(process), expanded)) return false;
  const int fd = open(expanded.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  const bool done = write_all(fd, record);
  if (fd >= 0) close(fd);
  return done;
}

}  // namespace

bool append_to_log(const std::string &log, const JournalHeader &process, const std::string &record) {
  if (log.empty() || log == "stderr") return false;
  if (log == "none") return true;
  if (log == "syslog") return send_to_syslog(record, false) >= 0;
  if (log == "journald") return send_to_journald(record, false) >= 0;
  if (log.starts_with("fd:")) return write_all(atoi(log.c_str() + 3), record);
  return append_to_file(log, process, record);
}

bool is_json(const std::string &format, const std::string &log) {
  return format.empty() ? log.ends_with(".json") || log.ends_with(".jsonl") : format == "json";
}

}  // namespace axshim::tool
