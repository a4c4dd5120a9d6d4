// The environment variables of the preload, read once. Constant afterwards, so that signal handlers may read.
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include <string_view>

#include "base/signals.h"

namespace axshim {

enum class LogTarget : uint8_t { fd, path, syslog, journald, none };
enum class Format : uint8_t { text, json };
enum class Report : uint8_t { unclean, always, never };
enum class Stdio : uint8_t { report, rescue, off };

// What a descriptor was open on at start: a daemon may reuse the number for its data.
struct OpenFile {
  bool open = false;
  dev_t device = 0;
  ino_t inode = 0;
};

inline constexpr int64_t kDefaultBudget = 30'000'000'000;

struct Settings {
  LogTarget log = LogTarget::fd;
  int log_fd = 2;
  std::string_view log_path;  // a template, absolute
  OpenFile log_file;
  OpenFile stderr_file;        // on which every other log falls back
  bool log_is_of_run = false;  // private to axshim run, which wants all records

  Format format = Format::text;
  Report report = Report::unclean;
  Format refuge_format = Format::text;  // on stderr, where the log can't be had
  Report refuge_report = Report::unclean;
  SignalSet signals;
  SignalSet graceful;
  bool rescue = false;
  Stdio stdio = Stdio::report;
  int64_t timeout_ns = 5'000'000'000;
  int64_t budget_ns = -1;  // -1: 30 s, or 2 s after a fault or abort
  int backtrace = 16;
  bool follow = true;
  bool inherit = false;

  std::string_view journal_directory;  // AXSHIM_DIR, absolute; empty: no journal
  std::string_view cleanup;            // AXSHIM_CLEANUP as given
  std::string_view cleanup_file;       // text of AXSHIM_CLEANUP_FILE
  std::string_view owner;      // AXSHIM_OWNER: pid:starttime, who ran the variable's cleanups before an exec
  std::string_view directory;  // where it started, empty for the root; known if any variable is set
};

extern Settings settings;

// False if AXSHIM_PROGRAMS does not name this program. Reports bad values on stderr. Not signal-safe.
bool read_settings(char **envp);

// One line on stderr: "axshim: VARIABLE: 'value': why". Signal-safe.
void complain(std::string_view variable, std::string_view value, std::string_view why);

}  // namespace axshim
