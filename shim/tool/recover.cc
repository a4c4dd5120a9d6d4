#include "tool/recover.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <stdexcept>
#include <system_error>

#include "cleanup/actions.h"
#include "cleanup/policy.h"
#include "process.h"
#include "tool/directory.h"
#include "tool/names.h"
#include "tool/shown.h"
#include "tool/table.h"

namespace axshim::tool {
namespace {

constexpr int64_t kMostPassedBy = 20;  // are listed

// With what the templates in it meant to the process that declared it.
std::string expanded(const JournalHeader &process, std::string_view text) {
  char buffer[16384];
  Text out(buffer);
  if (!expand_template(text, template_values(process), out))
    throw std::runtime_error("its template can't be expanded");
  return std::string(out.view());
}

// Those of exec and sh stay as they are.
std::string argument_of(const JournalHeader &process, const Declared &declared) {
  const std::string argument = expanded(process, declared.argument);
  if (declared.action > Action::kill || argument.starts_with('/')) return argument;
  return std::string(declared.directory) + '/' + argument;
}

// Without what the last component points to: that is what the actions work on.
std::string resolved(const std::string &path) {
  namespace fs = std::filesystem;
  fs::path rest = path;
  while (rest.has_relative_path() && (rest.filename().empty() || rest.filename() == "."))
    rest = rest.parent_path();
  std::error_code error;
  const bool is_above = rest.filename() == "..";
  const fs::path parent = fs::weakly_canonical(is_above ? rest : rest.parent_path(), error);
  if (error) return rest.lexically_normal();
  return is_above ? parent : parent / rest.filename();
}

bool has_path(const Declared &declared) { return declared.action <= Action::write; }

bool is_within(const std::string &path, const std::string &tree) {
  return path == tree || path.starts_with(tree + '/');
}

// True if one holds the other.
bool touches(const std::string &path, const std::vector<std::string> &live) {
  return std::any_of(live.begin(), live.end(), [&](const std::string &other) {
    return is_within(other, path) || is_within(path, other);
  });
}

Traits traits_of(const JournalEntry &entry) {
  if (!entry.declared) return {.observed = true};
  return {.signal_safe = info(entry.declared->action).signal_safe,
          .orderly_only = entry.declared->when == Declared::When::orderly,
          .forced_only = entry.declared->when == Declared::When::forced,
          .inherited_by_exec = true};
}

class Recovery {
 public:
  Recovery(const Descriptor &directory, const std::string &path, bool dry_run, FILE *out)
      : directory_(directory), path_(path), dry_run_(dry_run), out_(out) {}

  void recover(const std::vector<std::string> &journals) {
    for (const std::string &name : list_journals(directory_)) {
      try {
        remember_live(name);
      } catch (const std::exception &) {  // said below, if it is one to recover
      }
    }
    for (const std::string &name : journals) {
      try {
        recover(name);
      } catch (const std::exception &error) {
        complain(path_ + '/' + name + ": left alone: " + error.what());
        failed_ = true;
      }
    }
  }

  // What processes were making that were killed before it held anything that another file does not.
  void remove_unfinished() {
    for (const std::string &name : list_unfinished(directory_)) {
      std::string why;
      const Life life = life_of_maker(name, why);
      struct stat status = {};
      if (life == Life::lives || fstatat(directory_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
        continue;
      if (life == Life::gone && !S_ISREG(status.st_mode)) why = "not a regular file";
      if (life == Life::gone && status.st_uid != geteuid()) why = "it belongs to another user";
      if (why.empty() && !dry_run_ && unlinkat(directory_.get(), name.c_str(), 0) != 0)
        why = std::generic_category().message(errno);
      if (why.empty())
        say_removed(name);
      else
        complain(path_ + '/' + name + ": left alone: " + why);
      failed_ = failed_ || !why.empty();
    }
  }

  // A cleanup failed, or a journal was refused.
  bool failed() const { return failed_; }
  const std::map<std::string, int64_t> &recovered() const { return recovered_; }

 private:
  void say_removed(const std::string &name) const {
    fprintf(out_, "axshim: %s: %s, its process was killed before it was whole\n", shown(name).c_str(),
            dry_run_ ? "to remove" : "removed");
  }

  void recover(const std::string &name) {
    const Descriptor file = open_journal(directory_, name);
    if (is_blank(file) && is_abandoned(name, file)) {
      if (!dry_run_) unlinkat(directory_.get(), name.c_str(), 0);
      return say_removed(name);
    }
    const JournalFile journal{Descriptor(dup(file.get()))};
    std::string why;
    const Life life = life_of(journal.header(), why);
    if (life == Life::unknown) throw std::runtime_error(why);
    if (life == Life::lives) return;
    is_any_left_ = false;
    recovered_[name] = recover(journal, file.get());
    if (journal.unreadable() > 0 && journal.header().incomplete == 0)
      throw std::runtime_error(std::to_string(journal.unreadable()) + " parts of it are damaged");
    if (!dry_run_ && !is_any_left_) unlinkat(directory_.get(), name.c_str(), 0);
  }

  // A process that lives elsewhere has had its header written down long since: the kernel does it within a
  // minute.
  static bool is_abandoned(const std::string &name, const Descriptor &file) {
    constexpr time_t kLong = 3600;
    std::string why;
    struct stat status = {};
    const Life life = life_of_maker(name, why);
    return life == Life::gone || (life == Life::unknown && fstat(file.get(), &status) == 0 &&
                                  status.st_mtime < time(nullptr) - kLong);
  }

  // Of a process that may live, whosesoever it is.
  void remember_live(const std::string &name) {
    const JournalFile journal = read_journal(directory_.get(), name);
    std::string why;
    if (life_of(journal.header(), why) == Life::gone) return;
    journal.each_own([&](const JournalEntry &entry, size_t) {
      if (entry.declared && has_path(*entry.declared))
        live_.push_back(resolved(argument_of(journal.header(), *entry.declared)));
    });
  }

  // How many.
  int64_t recover(const JournalFile &journal, int fd) {
    const JournalHeader &header = journal.header();
    Table table("axshim:   ");
    int64_t listed = 0, done = 0, passed_by = 0;
    journal.each_own_newest_first([&](const JournalEntry &entry, size_t) {
      std::string outcome, remark = entry.error;
      if (entry.state == State::registered) {
        outcome = attempt(header, entry, fd, remark);
        if (outcome == "recovered" || outcome == "to recover") ++done;
      } else {
        outcome = entry.state == State::running ? "interrupted" : outcome_name(entry.state);
        if (entry.state == State::skipped) remark = reason_name(entry.reason);
      }
      ++listed;
      if (outcome == "skipped" && ++passed_by > kMostPassedBy) return;
      const std::string name = entry.name.empty() ? names_.of(entry.function) : entry.name;
      table.add({{outcome}, {shown(name)}, {source_name(entry.source)}, {shown(remark)}});
    });
    fprintf(out_, "axshim: %s[%d] %s: %s cleanup%s, %s %s\n%s", shown(header.program).c_str(), header.pid,
            end_of(header), std::to_string(listed).c_str(), listed == 1 ? "" : "s",
            std::to_string(done).c_str(), dry_run_ ? "to recover" : "recovered", table.text().c_str());
    if (passed_by > kMostPassedBy)
      fprintf(out_, "axshim:   and %lld more that were skipped\n",
              static_cast<long long>(passed_by - kMostPassedBy));
    if (header.incomplete != 0) fprintf(out_, "axshim:   more was registered than there was room for\n");
    return done;
  }

  static const char *end_of(const JournalHeader &header) {
    switch (header.end.load()) {
      case JournalEnd::none:
        return "vanished";
      case JournalEnd::begun:
        return "died while it ended";
      case JournalEnd::exec:
        return "became another program, and is gone";
      default:
        return "ended";
    }
  }

  // The outcome, and in `remark` what there is to say of it.
  std::string attempt(const JournalHeader &header, const JournalEntry &entry, int fd, std::string &remark) {
    const Decision decision = decide({.end = End::vanished}, traits_of(entry));
    if (decision.verdict != Verdict::run) {
      remark = reason_name(decision.reason);
      return "skipped";
    }
    Declared declared = *entry.declared;
    if (declared.action == Action::kill) {
      remark = "its pid may be another process's by now";
      return "skipped";
    }
    const std::string argument = argument_of(header, declared);
    const std::string text = expanded(header, declared.text);
    if (has_path(declared) && touches(resolved(argument), live_)) {
      remark = "a process that may live has declared it too";
      is_any_left_ = true;
      return "skipped";
    }
    if (declared.daemon &&
        !families_.insert({header.family, entry.name + '\n' + argument + '\n' + text}).second) {
      remark = "it was another's of the family too";
      return "skipped";
    }
    if (dry_run_) return "to recover";
    const std::string quoted_argument = as_template(argument), quoted_text = as_template(text);
    declared.argument = quoted_argument;
    declared.text = quoted_text;
    return perform_once(header, declared, entry.state_offset, fd, remark) ? "recovered" : "failed";
  }

  bool perform_once(const JournalHeader &header, const Declared &declared, uint64_t state_offset, int fd,
                    std::string &remark) {
    mark(fd, state_offset, State::running);
    process.pid = header.pid;
    const int64_t timeout = declared.timeout_ns >= 0 ? declared.timeout_ns : header.timeout_ns;
    char buffer[512];
    Text error(buffer);
    const ActionResult result = perform(declared, {.end = End::vanished}, timeout, error);
    mark(fd, state_offset, result == ActionResult::succeeded ? State::ran : State::failed);
    remark = error.c_str();
    if (result == ActionResult::timed_out) remark = "took too long";
    failed_ = failed_ || result != ActionResult::succeeded;
    return result == ActionResult::succeeded;
  }

  static void mark(int fd, uint64_t offset, State state) {
    if (pwrite(fd, &state, 1, static_cast<off_t>(offset)) != 1 || fdatasync(fd) != 0)
      throw std::system_error(errno, std::generic_category(), "cannot mark what is done");
  }

  const Descriptor &directory_;
  const std::string path_;
  bool dry_run_;
  FILE *out_;
  bool failed_ = false;
  std::map<std::string, int64_t> recovered_;  // by the name of the journal
  std::vector<std::string> live_;
  std::set<std::pair<int, std::string>> families_;  // whose daemon entries are done
  bool is_any_left_ = false;                        // of the journal at hand, for later
  Names names_;
};

}  // namespace

int recover(const std::string &path, bool dry_run) {
  const Descriptor directory = open_directory(path);
  Recovery recovery(directory, path, dry_run, stdout);
  recovery.recover(list_journals(directory));
  recovery.remove_unfinished();
  return recovery.failed() ? 1 : 0;
}

std::map<std::string, int64_t> recover(const Descriptor &directory, const std::string &path,
                                       const std::vector<std::string> &journals, FILE *out) {
  Recovery recovery(directory, path, false, out);
  recovery.recover(journals);
  return recovery.recovered();
}

}  // namespace axshim::tool
