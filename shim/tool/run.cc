#include "tool/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "sink/output.h"
#include "tool/doctor.h"
#include "tool/ended_table.h"
#include "tool/oom.h"
#include "tool/recover.h"
#include "tool/run_environment.h"
#include "tool/run_harvest.h"
#include "tool/run_log.h"
#include "tool/shown.h"

namespace axshim::tool {
namespace {

constexpr int kFailed = 99;
// For what ends together with the program: a pipeline, a group that got Ctrl-C.
constexpr int64_t kPatience = 100'000'000;

std::vector<char *> pointers(const std::vector<std::string> &strings) {
  std::vector<char *> result;
  result.reserve(strings.size() + 1);
  for (const std::string &string : strings) result.push_back(const_cast<char *>(string.c_str()));
  result.push_back(nullptr);
  return result;
}

// Not to a descriptor of ours that took the place of a stderr that was closed.
bool has_stderr() {
  static const bool has = (fcntl(2, F_GETFD) & FD_CLOEXEC) == 0;
  return has;
}

// While signals are held back and the program may live: whoever reads our stderr may never do so.
void say(const std::string &text) {
  if (has_stderr()) write_within_limits(2, text);
}

// At the end, as any filter.
void say_and_wait(std::string_view text) {
  if (!has_stderr()) return;
  const WriteTurn turn(2);  // what the program left behind may write there
  fwrite(text.data(), 1, text.size(), stderr);
  fflush(stderr);
}

std::string list(const std::vector<Survivor> &processes) {
  std::string text;
  for (const Survivor &process : processes)
    text += (text.empty() ? "" : ", ") + shown(process.name) + '[' + std::to_string(process.id) + ']';
  return text;
}

std::vector<Survivor> children() {
  std::ifstream file("/proc/thread-self/children");
  std::vector<Survivor> result;
  for (int64_t pid; file >> pid;) {
    std::ifstream comm("/proc/" + std::to_string(pid) + "/comm");
    std::string name;
    std::getline(comm, name);
    result.push_back({name, pid});
  }
  return result;
}

class Run {
 public:
  Run(const RunOptions &options, Supervisor &supervisor)
      : options_(options),
        supervisor_(supervisor),
        log_(setting(options.log, "LOG")),
        report_(setting(options.report, "REPORT")),
        json_(is_json(setting(options.format, "FORMAT"), log_.name())),
        library_(find_library()),
        directory_(wanted_directory(options), log_.name().empty()),
        journals_(directory_.has_own_journals() ? open_own_directory(directory_.journals())
                                                : open_directory(directory_.journals())),
        old_(names_of_journals()),
        oom_kills_(oom_kills()) {}

  // 0, or the status to end with in place of the program's.
  int run() {
    const std::vector<std::string> environment =
        run_environment(options_, library_, directory_.log(), keeps_journals() ? directory_.journals() : "");
    const std::vector<char *> argv = pointers(options_.command), envp = pointers(environment);
    if (const int error = supervisor_.start(argv.data(), envp.data())) {
      say("axshim: " + shown(options_.command[0]) + ": " + strerror(error) + '\n');
      return error == ENOENT ? 127 : 126;
    }
    supervisor_.wait_for_program();
    wait_for_others();
    Harvest harvest = tool::harvest(directory_, journals_, old_, supervisor_, new_oom_kills());
    Spool text = text_of_run(harvest);
    directory_.remove();
    supervisor_.let_signals_in();
    say_and_wait(text.view());
    return must_fail(harvest) ? kFailed : 0;
  }

 private:
  // Empty: one of our own, also in place of a bad one that nobody named to us.
  static std::string wanted_directory(const RunOptions &options) {
    const std::string path = setting(options.directory, "DIR");
    if (path.empty()) return path;
    try {
      if (!options.directory) open_directory(path);
      return std::filesystem::absolute(path).string();
    } catch (const std::exception &error) {
      if (options.directory) throw;
      say("axshim: AXSHIM_DIR: " + shown(error.what()) + "; using a directory in TMPDIR\n");
      return "";
    }
  }

  std::set<std::string> names_of_journals() const {
    const std::vector<std::string> names = list_journals(journals_);
    return {names.begin(), names.end()};
  }

  // Without /proc nobody could tell whether the process of a journal lives.
  bool keeps_journals() const {
    return !directory_.has_own_journals() || access("/proc/self/stat", R_OK) == 0;
  }

  std::optional<int64_t> new_oom_kills() const {
    const std::optional<int64_t> now = oom_kills();
    if (!now || !oom_kills_) return std::nullopt;
    return *now - *oom_kills_;
  }

  void wait_for_others() {
    const bool is_shown = options_.wait_ns > 0 && isatty(2) == 1;
    supervisor_.wait_for_others(std::max(options_.wait_ns, kPatience), [&](int64_t left) {
      if (is_shown)
        say("\r\033[Kaxshim: waiting " + std::to_string(left / 1'000'000'000) + "s for " + list(children()));
    });
    if (is_shown) say("\r\033[K");
  }

  bool is_wanted(const Record &record) const {
    if (report_ == "never") return false;
    if (report_ == "always") return true;
    return record.clean ? !*record.clean : record.summary.ran < record.summary.registered;
  }

  void append(const Record &record, Spool &out) const {
    if (!is_wanted(record)) return;
    if (json_)
      append_json(record, out);
    else
      out.append(text_of(record));
  }

  Spool text_of_run(Harvest &harvest) {
    Spool records;
    for (const Record &record : harvest.recorded) append(record, records);
    for (const Vanished &one : harvest.vanished) {
      Spool record;
      append(one.record, record);
      if (!log_.append(*one.header, record.view())) records.append(record.view());
    }
    Spool text;
    text.append(log_.complaints());
    text.append(records.view());
    if (options_.recover) text.append(recover(harvest));
    std::vector<const Record *> ended = harvest.records();
    text.append(what_is_unseen(harvest, ended));
    if (supervisor_.has_children()) text.append(left_behind(harvest.alive));
    // What it became by exec may have ended unseen.
    const Record status = record_of_status(options_.command[0], supervisor_.pid(), supervisor_.status());
    const bool has_end = std::any_of(ended.begin(), ended.end(), [&](const Record *record) {
      return is_programs(*record) && record->kind != "exec";
    });
    if (!has_end) ended.push_back(&status);
    text.append(ended_table(ended));
    return text;
  }

  bool is_programs(const Record &record) const { return record.pid == supervisor_.pid(); }

  std::string what_is_unseen(const Harvest &harvest, const std::vector<const Record *> &ended) const {
    const std::vector<Survivor> &out_of_reach = harvest.out_of_reach;
    if (!out_of_reach.empty())
      return "axshim: " + list(out_of_reach) +
             ": not seen further: where it went, by chroot or into another mount namespace, the library and "
             "the directory of records are out of reach\n";
    const bool has_record =
        std::any_of(ended.begin(), ended.end(), [this](const Record *it) { return is_programs(*it); });
    if (!keeps_journals()) return "axshim: /proc is not there: what SIGKILL ended is not known\n";
    const bool was_entered = has_record || (directory_.log().empty() && !directory_.is_untouched());
    if (getenv("AXSHIM_PROGRAMS") != nullptr) return "";
    return (was_entered ? "" : not_entered(options_.command[0])) +
           replaced_unheard(ended, harvest.alive, directory_.unentered());
  }

  static std::string not_entered(const std::string &path) {
    const std::string program = shown(path), obstacle = obstacle_of(path);
    return "axshim: " + program + ": nothing was heard from it: the preload can't enter " +
           (obstacle.empty() ? "a program that is static, set-user-ID or of another architecture"
                             : "it: " + shown(obstacle)) +
           "; see axshim doctor " + program + '\n';
  }

  // A process that was heard up to an exec, and what it became was not: each such program once.
  static std::string replaced_unheard(const std::vector<const Record *> &records,
                                      const std::vector<Survivor> &alive, std::set<std::string> programs) {
    std::map<int64_t, std::string> became;  // by process
    for (const Record *record : records) became[record->pid] = record->kind == "exec" ? record->path : "";
    for (const Survivor &process : alive) became.erase(process.id);
    for (const auto &[pid, path] : became)
      if (!path.empty()) programs.insert(path);
    std::string text;
    for (const std::string &program : programs)
      if (!obstacle_of(program).empty()) text += not_entered(program);
    return text;
  }

  std::string left_behind(std::vector<Survivor> processes) {
    for (const Survivor &child : children()) {
      const auto is_same = [&](const Survivor &other) { return other.id == child.id; };
      if (std::none_of(processes.begin(), processes.end(), is_same)) processes.push_back(child);
    }
    std::string text = "axshim: left behind: " + list(processes);
    if (getpid() != 1 && !directory_.own().empty()) {
      directory_.keep();
      text += ", writing to " + directory_.own() + " (axshim report reads it, --wait waits for its end)";
    }
    return text + '\n';
  }

  std::string recover(Harvest &harvest) const {
    std::vector<std::string> names;
    for (const Vanished &one : harvest.vanished) names.push_back(one.journal_name);
    if (names.empty()) return "";
    char *text = nullptr;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    std::map<std::string, int64_t> recovered = tool::recover(journals_, directory_.journals(), names, out);
    fclose(out);
    for (Vanished &one : harvest.vanished) {
      one.record.summary.recovered = recovered[one.journal_name];
      one.record.summary.skipped -= recovered[one.journal_name];
    }
    const std::string result(text, size);
    free(text);
    return result;
  }

  bool must_fail(const Harvest &harvest) const {
    const auto is_bad = [&](const Record *record) {
      const RecordSummary &summary = record->summary;
      const int64_t failed = summary.failed + summary.timed_out + summary.interrupted;
      return (options_.fails_on("skipped") && summary.skipped > 0) ||
             (options_.fails_on("failed") && failed > 0) ||
             (options_.fails_on("unclean") && !record->clean.value_or(true));
    };
    const std::vector<const Record *> records = harvest.records();
    return std::any_of(records.begin(), records.end(), is_bad);
  }

  const RunOptions &options_;
  Supervisor &supervisor_;
  RunLog log_;
  const std::string report_;
  const bool json_;
  const std::string library_;
  RunDirectory directory_;
  const Descriptor journals_;
  const std::set<std::string> old_;
  const std::optional<int64_t> oom_kills_;
};

}  // namespace

int run(const RunOptions &options) {
  Supervisor supervisor(!options.no_adopt);
  try {
    if (const int status = Run(options, supervisor).run()) return status;
  } catch (const std::exception &error) {
    say("axshim: " + shown(error.what()) + '\n');
    if (!supervisor.has_ended()) return 2;
  }
  supervisor.end_alike();
}

}  // namespace axshim::tool
