#include "sink/destination.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <atomic>

#include "base/escape.h"
#include "base/owners.h"
#include "base/pages.h"
#include "base/real.h"
#include "base/sys.h"
#include "cleanup/registry.h"
#include "process.h"
#include "settings.h"
#include "sink/datagram.h"
#include "sink/output.h"
#include "sink/render.h"

namespace axshim {
namespace {

constexpr size_t kDatagramLimit = 60 * 1024;
constexpr size_t kSmall = 16 * 1024;

std::atomic<int> kept{-1};         // a duplicate of the log, while the process ends
std::atomic<int> stderr_kept{-1};  // and of stderr, the refuge of the others
bool is_in_log = true;             // the last record

// Still what it was at start, or a log that the program put there since; never a data file of a daemon's.
bool may_write(int fd, const OpenFile &at_start) {
  struct stat status = {};
  if (fd < 0 || !at_start.open || sys::fstat(fd, &status) != 0) return false;
  if (status.st_dev == at_start.device && status.st_ino == at_start.inode) return true;
  if (S_ISFIFO(status.st_mode)) return true;
  if (S_ISCHR(status.st_mode)) return is_terminal(fd);
  return S_ISREG(status.st_mode) && (sys::call(SYS_fcntl, fd, F_GETFL) & O_APPEND) != 0;
}

// A pipe of the program's own is used where it is: a handler may close it and wait for who reads it, a pager.
bool is_own_pipe(int fd, const OpenFile &at_start) {
  struct stat status = {};
  return sys::fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode) && status.st_ino != at_start.inode;
}

// Under a filter the signal that tells of the limit can't be held back.
bool may_exceed_size_limit(int fd) {
  struct stat status = {};
  rlimit limit = {};
  return sys::fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
         sys::call(SYS_prlimit64, 0, RLIMIT_FSIZE, 0, sys::arg(&limit)) == 0 &&
         limit.rlim_cur != RLIM_INFINITY;
}

int settled(int fd, const OpenFile &at_start) {
  return may_write(fd, at_start) && !may_exceed_size_limit(fd) ? fd : -1;
}

int duplicate(int fd, const OpenFile &at_start) {
  if (!may_write(fd, at_start)) return -1;
  if (is_own_pipe(fd, at_start)) return fd;
  const int copy = static_cast<int>(sys::call(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 100));
  return copy >= 0 ? copy : fd;  // RLIMIT_NOFILE
}

void give_up(std::atomic<int> &kept_fd, int original) {
  const int fd = kept_fd.exchange(-1);
  if (fd >= 0 && fd != original) sys::close(fd);
}

const OpenFile &log_at_start() { return settings.log_fd == 2 ? settings.stderr_file : settings.log_file; }

// These write the record, or say in `why` what is in the way.
bool write_to_path(std::string_view record, Text &why) {
  char buffer[4096];
  Text path(buffer);
  const int fd = expand(settings.log_path, path) ? open_to_append(path.c_str(), 0600) : -ENAMETOOLONG;
  const long result = fd < 0 ? fd : write_within_limits(fd, record);
  if (fd >= 0) sys::close(fd);
  if (result >= 0) return true;
  if (settings.log_is_of_run)
    why << "the log of axshim run is out of reach";
  else
    append_quoted(why << "cannot write to ", path.view());
  why << ": "
      << (result == kPlanted ? "it is another user's, in a directory that all may write"
                             : libc::error_text(static_cast<int>(-result)));
  return false;
}

bool write_to_descriptor(std::string_view record, Text &why) {
  const long result = kept < 0 ? -EBADF : write_within_limits(kept, record);
  if (result >= 0 || settings.log_fd == 2) return true;
  (why << "cannot write to fd:").dec(settings.log_fd) << ": " << libc::error_text(static_cast<int>(-result));
  return false;
}

bool send(const char *name, long (*send_to)(std::string_view, bool), std::string_view record, bool clean,
          Text &why) {
  const long result = send_to(record, clean);
  if (result < 0) why << "cannot write to " << name << ": " << libc::error_text(static_cast<int>(-result));
  return result >= 0;
}

// Under a seccomp filter a log that is not open already is out of reach.
bool write_quietly(std::string_view record, Text &why) {
  if (kept < 0) why << "the log is out of reach under a seccomp filter";
  if (kept >= 0) write_within_limits(kept, record);
  return kept >= 0;
}

bool write_to_log(std::string_view record, bool clean, Text &why) {
  if (process.quiet) return write_quietly(record, why);
  switch (settings.log) {
    case LogTarget::path:
      return write_to_path(record, why);
    case LogTarget::syslog:
      return send("syslog", send_to_syslog, record, clean, why);
    case LogTarget::journald:
      return send("journald", send_to_journald, record, clean, why);
    case LogTarget::fd:
      return write_to_descriptor(record, why);
    case LogTarget::none:
      break;
  }
  return true;
}

bool is_wanted(Report report, const Record &record) {
  return report == Report::always || (report == Report::unclean && !record.clean);
}

void render(Format format, const Record &record, size_t limit, Text &out) {
  (format == Format::json ? render_json : render_text)(record, limit, out);
}

// To stderr, after a line that says why it is there.
void take_refuge(const Record &record, std::string_view why, size_t limit, Text &out) {
  if (stderr_kept < 0 || !is_wanted(settings.refuge_report, record)) return;
  char buffer[512];
  Text line(buffer);
  line << "axshim: AXSHIM_LOG: " << why << "; the record goes to stderr";
  line.resize(sizeof buffer - 2);
  line << '\n';
  write_within_limits(stderr_kept, line.view());
  if (settings.refuge_format != settings.format) {
    out.resize(0);
    render(settings.refuge_format, record, limit, out);
  }
  write_within_limits(stderr_kept, out.view());
}

void render_exec_failed(Format format, Text &line) {
  if (format == Format::json) {
    (line << "{\"axshim\":1,\"event\":\"exec-failed\",\"pid\":").dec(process.pid) << "}\n";
  } else {
    ((line << "axshim: " << process.program << '[').dec(process.pid))
        << "] is still there: that exec failed\n";
  }
}

// Enough for names and paths as people give them. What does not fit is cut, and the record says so.
size_t room_for(const Record &record) {
  size_t size = 512 * 1024;
  for (size_t i = 0; i < record.cleanup_count; ++i) {
    const Entry &entry = *record.cleanups[i];
    size += is_declared(entry) ? 512 + 6 * entry.declared->name.size() : 1536;
    if (has_name(entry)) size += 6 * entry.block->capacity;
  }
  return size;
}

}  // namespace

void keep_log_descriptor() {
  if (process.quiet || settings.report == Report::never || settings.log == LogTarget::none) return;
  // The program may have closed what was kept, with all that it does not know.
  if (settings.log == LogTarget::fd && !may_write(kept, log_at_start()))
    kept = duplicate(settings.log_fd, log_at_start());
  const bool has_refuge = settings.log != LogTarget::fd || settings.log_fd != 2;
  if (has_refuge && !may_write(stderr_kept, settings.stderr_file))
    stderr_kept = duplicate(2, settings.stderr_file);
}

void settle_log_descriptor() {
  if (settings.log == LogTarget::fd) kept = settled(settings.log_fd, log_at_start());
  if (settings.log != LogTarget::none) stderr_kept = settled(2, settings.stderr_file);
}

void drop_log_descriptors() {
  give_up(kept, settings.log_fd);
  give_up(stderr_kept, 2);
}

bool write_record(Record &record) {
  judge(record);
  const bool wanted = is_wanted(settings.report, record);
  if (wanted) {
    collect(record);
    char small[kSmall];  // where no memory may be asked for, or none is left
    const size_t size = process.quiet ? 0 : room_for(record);
    char *large = size > 0 ? static_cast<char *>(map_pages(size)) : nullptr;
    Text out(large != nullptr ? large : small, large != nullptr ? size : sizeof small);
    const bool is_datagram = settings.log == LogTarget::syslog || settings.log == LogTarget::journald;
    const size_t limit = is_datagram ? kDatagramLimit : large != nullptr ? size : sizeof small;
    render(settings.format, record, limit, out);
    char reason[400];
    Text why(reason);
    is_in_log = write_to_log(out.view(), record.clean, why);
    if (!is_in_log) take_refuge(record, why.view(), limit, out);
    unmap_pages(large, size);
  }
  if (!process.quiet && record.cause->end != End::exec) drop_log_descriptors();
  return wanted;
}

void write_exec_failed() {
  char buffer[256], reason[400];
  Text line(buffer), why(reason);
  render_exec_failed(is_in_log ? settings.format : settings.refuge_format, line);
  keep_log_descriptor();
  if (is_in_log)
    write_to_log(line.view(), true, why);
  else if (stderr_kept >= 0)
    write_within_limits(stderr_kept, line.view());
  drop_log_descriptors();
}

}  // namespace axshim
