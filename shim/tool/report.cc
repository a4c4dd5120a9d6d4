#include "tool/report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "tool/directory.h"
#include "tool/journals.h"
#include "tool/lines.h"
#include "tool/record_reader.h"
#include "tool/shown.h"
#include "tool/tally.h"
#include "tool/tally_text.h"

namespace axshim::tool {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMostPid = 1 << 22;

bool is_journal(const std::string &path) { return path.ends_with(kJournalSuffix); }

// A directory stands for the records and journals in it.
std::vector<std::string> files_of(const std::string &path) {
  if (path == "-" || !fs::is_directory(path)) return {path};
  std::vector<std::string> files;
  for (const fs::directory_entry &entry : fs::directory_iterator(path)) {
    const std::string name = entry.path();
    const bool wanted = is_journal(name) || name.ends_with(".json") || name.ends_with(".jsonl");
    if (wanted && entry.is_regular_file()) files.push_back(name);
  }
  std::sort(files.begin(), files.end());
  return files;
}

class Report {
 public:
  void add(const std::string &path) {
    for (const std::string &file : files_of(path)) {
      try {
        if (is_journal(file))
          journals_.add(file);
        else
          records_.push_back(file);
      } catch (const std::exception &error) {
        fail(file, error.what());
      }
    }
  }

  // All records before any journal: they tell which of those need no counting.
  void read() {
    for (const std::string &file : records_) {
      try {
        read_records(file);
      } catch (const std::system_error &error) {
        fail(file, error.code().message());
      }
    }
    if (!journals_.count(tally_, names_)) failed_ = true;
  }

  void print() {
    const char *no_color = getenv("NO_COLOR");
    const bool colours = isatty(1) != 0 && (no_color == nullptr || *no_color == '\0');
    const std::string text = as_text(tally_, names_, colours);
    fputs(text.empty() ? "no records\n" : text.c_str(), stdout);
    if (truncated_ > 0)
      printf("\n%zu record%s cut: more cleanups than %s\n", truncated_, truncated_ == 1 ? " was" : "s were",
             truncated_ == 1 ? "it lists" : "they list");
    if (fflush(stdout) != 0) fail("stdout", std::generic_category().message(errno));
    if (foreign_ > 0)
      complain(std::to_string(foreign_) +
               (foreign_ == 1 ? " line is no record: " : " lines are no records: ") + first_foreign_ + ':' +
               std::to_string(first_foreign_line_) + (foreign_ == 1 ? "" : " is the first"));
  }

  void fail(const std::string &path, const std::string &why) {
    complain(path + ": " + why);
    failed_ = true;
  }
  bool failed() const { return failed_; }

 private:
  void read_records(const std::string &path) {
    const bool is_stdin = path == "-";
    const Descriptor file(is_stdin ? dup(0) : open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) throw std::system_error(errno, std::generic_category());
    size_t number = 0;
    each_line(file.get(), [&](std::string_view line) {
      ++number;
      if (line.empty()) return;
      if (reader_.read(line, facts_)) return take(facts_);
      // A full disk cut a record, and the next stands on the same line.
      const size_t next = line.rfind(kRecordBegin);
      if (next != line.npos && next > 0 && reader_.read(line.substr(next), facts_)) take(facts_);
      if (foreign_++ > 0) return;
      first_foreign_ = is_stdin ? "stdin" : path;
      first_foreign_line_ = number;
    });
    for (const auto &[pid, marks] : execs_) Tally::count(marks);
    execs_.clear();
  }

  // An exec may turn out to have failed: it counts when the next line of its process says nothing of that.
  void take(const RecordFacts &facts) {
    if (const auto held = execs_.find(facts.pid); held != execs_.end()) {
      if (!facts.exec_failed) Tally::count(held->second);
      execs_.erase(held);
    }
    if (facts.exec_failed) return;
    journals_.see(facts);
    truncated_ += facts.truncated ? 1 : 0;
    tally_.mark(facts, marks_);
    if (facts.kind == "exec" && facts.pid > 0 && facts.pid <= kMostPid)
      execs_.emplace(facts.pid, marks_);
    else
      Tally::count(marks_);
  }

  std::vector<std::string> records_;
  Journals journals_;
  Names names_;
  Tally tally_;
  RecordReader reader_;
  RecordFacts facts_;
  Tally::Marks marks_;
  std::unordered_map<int64_t, Tally::Marks> execs_;  // by pid
  size_t truncated_ = 0;
  size_t foreign_ = 0;  // lines
  std::string first_foreign_;
  size_t first_foreign_line_ = 0;
  bool failed_ = false;
};

}  // namespace

int report(const std::vector<std::string> &paths) {
  Report report;
  for (const std::string &path : paths.empty() ? std::vector<std::string>{"-"} : paths) {
    try {
      report.add(path);
    } catch (const fs::filesystem_error &error) {
      report.fail(path, error.code().message());
    }
  }
  report.read();
  report.print();
  return report.failed() ? 1 : 0;
}

}  // namespace axshim::tool
