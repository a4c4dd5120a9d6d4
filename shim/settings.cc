#include "settings.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/duration.h"
#include "base/environment.h"
#include "base/escape.h"
#include "base/glob.h"
#include "base/owners.h"
#include "base/pages.h"
#include "base/path_template.h"
#include "base/real.h"
#include "base/sys.h"
#include "process.h"
#include "sink/output.h"

namespace axshim {

constinit Settings settings;

namespace {

constexpr size_t kMaxCleanupFile = 64 << 20;
constexpr int kMaxFrames = 256;

constexpr size_t kPathSize = 4096;

bool format_given = false;
std::string_view run_log;
Report run_report = Report::unclean;

bool parse_number(std::string_view text, int most, int &out) {
  int value = 0;
  if (text.empty() || text.size() > 9) return false;
  for (char c : text) {
    if (c < '0' || c > '9') return false;
    value = value * 10 + (c - '0');
  }
  out = value;
  return value <= most;
}

bool parse_flag(std::string_view value, bool &out, Text &why) {
  out = value == "1";
  if (value == "0" || value == "1") return true;
  why << "it is neither; allowed: 0, 1";
  return false;
}

bool set_log(std::string_view value, Text &why) {
  constexpr std::string_view kAllowed =
      "allowed: stderr, fd:N, syslog, journald, none, or the path of a file";
  if (value == "stderr") return true;
  if (value == "none" || value == "syslog" || value == "journald") {
    settings.log = value == "none"     ? LogTarget::none
                   : value == "syslog" ? LogTarget::syslog
                                       : LogTarget::journald;
    return true;
  }
  if (value.starts_with("fd:")) {
    if (parse_number(value.substr(3), 1 << 20, settings.log_fd)) return true;
    settings.log_fd = 2;
    why << "no descriptor number; " << kAllowed;
    return false;
  }
  if (value.empty()) {
    why << "empty; " << kAllowed;
    return false;
  }
  if (!validate_template(value, why)) return false;
  char *log_path = static_cast<char *>(map_pages(kPathSize));
  if (log_path == nullptr) {
    why << "no memory for the path";
    return false;
  }
  Text path(log_path, kPathSize);
  if (value[0] != '/') path << settings.directory << '/';
  path << value;
  if (path.truncated()) {
    why << "longer than 4095 bytes; " << kAllowed;
    return false;
  }
  settings.log = LogTarget::path;
  settings.log_path = path.view();
  return true;
}

bool set_format(std::string_view value, Text &why) {
  format_given = value == "text" || value == "json";
  settings.format = value == "json" ? Format::json : Format::text;
  if (!format_given) why << "it is no format; allowed: text, json";
  return format_given;
}

// The program may write over its environment, as setproctitle does.
std::string_view copy_of(std::string_view value) {
  char *copy = static_cast<char *>(map_pages(value.size() + 1));
  if (copy == nullptr) return {};
  memcpy(copy, value.data(), value.size());
  return {copy, value.size()};
}

bool parse_report(std::string_view value, Report &report, Text &why) {
  if (value == "unclean" || value == "always" || value == "never") {
    report = value == "unclean" ? Report::unclean : value == "always" ? Report::always : Report::never;
    return true;
  }
  why << "it is none of them; allowed: unclean, always, never";
  return false;
}

bool set_report(std::string_view value, Text &why) { return parse_report(value, settings.report, why); }

// AXSHIM_RUN, by axshim run: the log that is private to it, and what it was asked to report.
bool set_run(std::string_view value, Text &why) {
  const size_t space = value.find(' ');
  run_log = copy_of(space == value.npos ? "" : value.substr(space + 1));
  return parse_report(value.substr(0, space), run_report, why);
}

bool set_signals(std::string_view value, Text &why) { return parse_signals(value, settings.signals, why); }
bool set_graceful(std::string_view value, Text &why) {
  return parse_graceful_signals(value, settings.graceful, why);
}

bool set_rescue(std::string_view value, Text &why) {
  settings.rescue = value == "forced";
  if (settings.rescue || value == "none") return true;
  why << "it is neither; allowed: none, forced";
  return false;
}

bool set_stdio(std::string_view value, Text &why) {
  if (value == "report") return true;
  if (value == "rescue" || value == "off") {
    settings.stdio = value == "rescue" ? Stdio::rescue : Stdio::off;
    return true;
  }
  why << "it is none of them; allowed: report, rescue, off";
  return false;
}

bool set_timeout(std::string_view value, Text &why) {
  return parse_duration(value, settings.timeout_ns, why);
}
bool set_budget(std::string_view value, Text &why) { return parse_duration(value, settings.budget_ns, why); }

bool set_backtrace(std::string_view value, Text &why) {
  int frames;
  if (parse_number(value, kMaxFrames, frames)) {
    settings.backtrace = frames;
    return true;
  }
  why << "it is no number of frames; allowed: 0 to 256";
  return false;
}

bool set_follow(std::string_view value, Text &why) {
  bool follow;
  if (!parse_flag(value, follow, why)) return false;
  settings.follow = follow;
  return true;
}

bool set_inherit(std::string_view value, Text &why) {
  bool inherit;
  if (!parse_flag(value, inherit, why)) return false;
  settings.inherit = inherit;
  return true;
}

bool set_cleanup(std::string_view value, Text &) {
  settings.cleanup = copy_of(value);
  return true;
}

bool set_cleanup_file(std::string_view value, Text &why) {
  char path[kPathSize];
  const bool fits = !(Text(path) << value).truncated();
  const int fd = fits ? sys::open(path, O_RDONLY | O_NONBLOCK) : -ENAMETOOLONG;
  struct stat status = {};
  if (fd < 0) {
    why << "cannot open it: " << libc::error_text(-fd) << "; allowed: the path of a file of entries";
    return false;
  }
  bool readable = sys::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
  if (!readable) why << "not a regular file; allowed: the path of a file of entries";
  if (readable && ((status.st_mode & S_IWOTH) != 0 || is_planted(fd, path))) {
    readable = false;
    why << "others can write it, or have put it there; allowed: a file that only its owner can write, you or "
           "root where all may write to its directory";
  }
  if (readable && status.st_size > static_cast<off_t>(kMaxCleanupFile)) {
    readable = false;
    why << "larger than 64 MiB; allowed: the path of a file of entries";
  }
  char *text = readable ? static_cast<char *>(map_pages(status.st_size + 1)) : nullptr;
  if (readable && text == nullptr) why << "no memory for it; allowed: the path of a file of entries";
  if (text != nullptr) {
    const long size = sys::read(fd, text, status.st_size);
    settings.cleanup_file = {text, static_cast<size_t>(size > 0 ? size : 0)};
  }
  sys::close(fd);
  return text != nullptr;
}

bool set_dir(std::string_view value, Text &why) {
  char buffer[kPathSize];
  Text path(buffer);
  if (!value.starts_with('/')) path << settings.directory << '/';
  path << value;
  if (value.empty() || path.truncated()) {
    why << (value.empty() ? "empty" : "longer than 4095 bytes") << "; allowed: the path of a directory";
    return false;
  }
  settings.journal_directory = copy_of(path.view());
  return true;
}

bool set_owner(std::string_view value, Text &) {
  settings.owner = copy_of(value);
  return true;
}

struct Variable {
  std::string_view name;
  bool (*set)(std::string_view value, Text &why);
  std::string_view instead;  // what is used where the value is bad
};

constexpr Variable kVariables[] = {
    {"LOG", set_log, "stderr"},
    {"FORMAT", set_format, "the default"},
    {"REPORT", set_report, "unclean"},
    {"SIGNALS", set_signals, "default"},
    {"TIMEOUT", set_timeout, "5s"},
    {"BUDGET", set_budget, "30s, or 2s after a fault or abort"},
    {"GRACEFUL", set_graceful, "none"},
    {"RESCUE", set_rescue, "none"},
    {"STDIO", set_stdio, "report"},
    {"BACKTRACE", set_backtrace, "16"},
    {"FOLLOW", set_follow, "1"},
    {"INHERIT", set_inherit, "0"},
    {"CLEANUP_FILE", set_cleanup_file, "no entries of it"},
    {"CLEANUP", set_cleanup, ""},
    {"OWNER", set_owner, ""},
    {"RUN", set_run, "unclean"},
    {"DIR", set_dir, "no journal"},
};
constexpr std::string_view kPrefix = "AXSHIM_";

void remember_where_started() {
  char buffer[kPathSize];
  const long size = sys::call(SYS_getcwd, sys::arg(buffer), sizeof buffer);
  if (size > 2) settings.directory = copy_of({buffer, static_cast<size_t>(size - 1)});
}

void apply(const char *assignment) {
  const char *equals = strchr(assignment, '=');
  if (equals == nullptr) return;
  const std::string_view name(assignment + kPrefix.size(), equals - assignment - kPrefix.size());
  for (const Variable &variable : kVariables) {
    if (variable.name != name) continue;
    char buffer[512];
    Text why(buffer);
    if (variable.set(equals + 1, why)) return;
    why << "; using " << variable.instead;
    complain({assignment, static_cast<size_t>(equals - assignment)}, equals + 1, why.view());
  }
}

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool is_named(const char *programs) {
  if (programs == nullptr || strcmp(programs, "*") == 0) return true;
  char path[kPathSize];
  const long size =
      sys::call(SYS_readlinkat, AT_FDCWD, sys::arg("/proc/thread-self/exe"), sys::arg(path), sizeof path);
  return programs_match(programs, process.program,
                        base_name({path, static_cast<size_t>(size > 0 ? size : 0)}));
}

void remember(int fd, OpenFile &file) {
  struct stat status = {};
  if (sys::fstat(fd, &status) != 0) return;
  file = {.open = true, .device = status.st_dev, .inode = status.st_ino};
}

}  // namespace

void complain(std::string_view variable, std::string_view value, std::string_view why) {
  char buffer[1024];
  Text line(buffer);
  line << "axshim: " << variable << ": ";
  append_quoted(line, value);
  line << ": " << why;
  line.resize(sizeof buffer - 2);
  line << '\n';
  if (settings.stderr_file.open) write_within_limits(2, line.view());
}

bool read_settings(char **envp) {
  settings.signals = kDefaultSignals;
  remember(2, settings.stderr_file);
  bool any = false;
  if (!is_named(find_variable(envp, "AXSHIM_PROGRAMS"))) return false;
  for (char **variable = envp; *variable != nullptr; ++variable) {
    if (strncmp(*variable, kPrefix.data(), kPrefix.size()) != 0) continue;
    if (!any) remember_where_started();
    any = true;
    apply(*variable);
  }
  settings.signals.bits |= settings.graceful.bits;
  const bool json_path = settings.log_path.ends_with(".json") || settings.log_path.ends_with(".jsonl");
  settings.log_is_of_run = !run_log.empty() && settings.log_path == run_log;
  settings.refuge_format = settings.format;
  settings.refuge_report = settings.log_is_of_run ? run_report : settings.report;
  if ((!format_given && json_path) || settings.log_is_of_run) settings.format = Format::json;
  if (settings.log_fd != 2) remember(settings.log_fd, settings.log_file);
  return true;
}

}  // namespace axshim
