#include "tool/record.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "tool/lines.h"
#include "tool/shown.h"

namespace axshim::tool {
namespace {

using Json = nlohmann::json;

constexpr size_t kDeepest = 16;     // an object in a list in an object…
constexpr size_t kLongest = 1'000;  // list, of those that people don't count

// Takes what it knows of the values that stream by. A path names each: "termination.backtrace[].module".
class Builder : public Json::json_sax_t {
 public:
  explicit Builder(Record &record) : record_(record) {}

  bool is_record() const { return has_version_; }

  bool null() override { return true; }
  bool boolean(bool value) override {
    if (path_ == "clean") record_.clean = value;
    if (path_ == "truncated") record_.truncated = value;
    if (path_ == "termination.graceful") record_.graceful = value;
    if (path_ == "termination.core") record_.core = value;
    if (path_ == "termination.oom") record_.oom = value;
    if (path_ == "unflushed[].busy" && !record_.streams.empty()) record_.streams.back().busy = value;
    return true;
  }
  bool number_integer(number_integer_t value) override { return is_passed_by() || take(value); }
  bool number_unsigned(number_unsigned_t value) override {
    return is_passed_by() || take(static_cast<int64_t>(value));
  }
  bool number_float(number_float_t, const string_t &) override { return true; }
  bool string(string_t &value) override { return is_passed_by() || take(shown(value)); }
  bool binary(binary_t &) override { return true; }

  bool start_object(size_t) override {
    if (path_ == "termination.sender") record_.sender.emplace();
    if (path_ == "termination.backtrace[]") begin(record_.backtrace);
    if (path_ == "unflushed[]") begin(record_.streams);
    if (path_ == "threads[]") begin(record_.threads);
    if (path_ == "children[]") begin(record_.children);
    if (path_ == "cleanups[]") {
      cleanup_ = nullptr;
      if (record_.cleanups.size() < kMostRows)
        cleanup_ = &record_.cleanups.emplace_back();
      else
        ++record_.more_cleanups;
    }
    if (path_ == "cleanups[].registered_by" && cleanup_ != nullptr) cleanup_->registered_by.emplace();
    return start("");
  }
  bool key(string_t &name) override {
    path_.resize(parents_.back());
    path_ += (path_.empty() ? "" : ".") + name;
    return true;
  }
  bool end_object() override { return end(); }
  bool start_array(size_t) override { return start("[]"); }
  bool end_array() override { return end(); }
  bool parse_error(size_t, const std::string &, const nlohmann::detail::exception &) override {
    return false;
  }

 private:
  // A cleanup that is only counted.
  bool is_passed_by() const { return cleanup_ == nullptr && path_.starts_with("cleanups[]"); }

  bool start(const char *mark) {
    path_ += mark;
    parents_.push_back(path_.size());
    return parents_.size() <= kDeepest;
  }
  bool end() {
    path_.resize(parents_.back());
    parents_.pop_back();
    return true;
  }

  template <class Item>
  static void begin(std::vector<Item> &list) {
    if (list.size() < kLongest) list.emplace_back();
  }

  bool take(int64_t value) {
    static const std::unordered_map<std::string_view, int64_t RecordSummary::*> kCounts = {
        {"summary.registered", &RecordSummary::registered},
        {"summary.ran", &RecordSummary::ran},
        {"summary.failed", &RecordSummary::failed},
        {"summary.timed_out", &RecordSummary::timed_out},
        {"summary.interrupted", &RecordSummary::interrupted},
        {"summary.skipped", &RecordSummary::skipped}};
    if (const auto found = kCounts.find(path_); found != kCounts.end())
      record_.summary.*found->second = value;
    if (path_ == "axshim") has_version_ = true;
    if (path_ == "pid") record_.pid = value;
    if (path_ == "uptime_ms") record_.uptime_ms = value;
    if (path_ == "termination.status") record_.status = value;
    if (path_ == "termination.sender.pid" && record_.sender) record_.sender->id = value;
    if (path_ == "termination.sender.uid") record_.sender_uid = value;
    if (path_ == "python.atexit_skipped") record_.python_skipped = value;
    if (path_ == "threads[].tid" && !record_.threads.empty()) record_.threads.back().id = value;
    if (path_ == "children[].pid" && !record_.children.empty()) record_.children.back().id = value;
    if (!path_.starts_with("unflushed[].") || record_.streams.empty()) return true;
    if (path_ == "unflushed[].fd") record_.streams.back().fd = value;
    if (path_ == "unflushed[].bytes") record_.streams.back().bytes = value;
    if (path_ == "unflushed[].rescued") record_.streams.back().rescued = value;
    return true;
  }

  bool take(std::string value) {
    static const std::unordered_map<std::string_view, std::string Record::*> kTexts = {
        {"event", &Record::event},
        {"exe", &Record::exe},
        {"program", &Record::program},
        {"termination.kind", &Record::kind},
        {"termination.signal", &Record::signal},
        {"termination.code", &Record::code},
        {"termination.address", &Record::address},
        {"termination.path", &Record::path},
        {"termination.message", &Record::message},
        {"termination.exception", &Record::exception},
        {"termination.thread.name", &Record::thread}};
    static const std::unordered_map<std::string_view, std::string RecordedCleanup::*> kOfCleanups = {
        {"cleanups[].name", &RecordedCleanup::name},
        {"cleanups[].source", &RecordedCleanup::source},
        {"cleanups[].outcome", &RecordedCleanup::outcome},
        {"cleanups[].reason", &RecordedCleanup::reason},
        {"cleanups[].error", &RecordedCleanup::error}};
    constexpr std::string_view kCaller = "cleanups[].registered_by.", kFrame = "termination.backtrace[].";
    if (const auto found = kTexts.find(path_); found != kTexts.end()) record_.*found->second = value;
    if (path_ == "termination.sender.name" && record_.sender) record_.sender->name = value;
    if (path_ == "unflushed[].target" && !record_.streams.empty()) record_.streams.back().target = value;
    if (path_ == "threads[].name" && !record_.threads.empty()) record_.threads.back().name = value;
    if (path_ == "children[].name" && !record_.children.empty()) record_.children.back().name = value;
    if (path_ == "hazards[]" && record_.hazards.size() < kLongest) record_.hazards.push_back(value);
    if (path_ == "python.callbacks[]" && record_.python_callbacks.size() < kLongest)
      record_.python_callbacks.push_back(value);
    if (path_.starts_with(kFrame) && !record_.backtrace.empty())
      take(record_.backtrace.back(), path_.substr(kFrame.size()), value);
    if (cleanup_ == nullptr) return true;
    if (const auto found = kOfCleanups.find(path_); found != kOfCleanups.end())
      cleanup_->*found->second = value;
    if (path_.starts_with(kCaller) && cleanup_->registered_by)
      take(*cleanup_->registered_by, path_.substr(kCaller.size()), value);
    return true;
  }

  static void take(Frame &frame, const std::string &key, const std::string &value) {
    if (key == "module") frame.module = value;
    if (key == "offset") frame.offset = value;
    if (key == "symbol") frame.symbol = value;
    if (key == "plus") frame.plus = value;
  }

  Record &record_;
  RecordedCleanup *cleanup_ = nullptr;  // none of those that are only counted
  bool has_version_ = false;
  std::string path_;
  std::vector<size_t> parents_;  // how long the path was, of what is open
};

std::vector<Extent> lines_of(const Extent &file) {
  std::vector<Extent> lines;
  Extent line = {file.fd, file.begin, 0};
  for (Characters at(file), end; at != end; ++at) {
    if (*at != '\n') {
      ++line.size;
      continue;
    }
    lines.push_back(line);
    line = {file.fd, line.begin + line.size + 1, 0};
  }
  if (line.size > 0) lines.push_back(line);
  return lines;
}

// The record that begins last in it.
Extent after_what_was_cut(const Extent &line) {
  uint64_t at = 0, last = 0;
  size_t matched = 0;
  for (Characters c(line), end; c != end; ++c, ++at) {
    matched = *c == kRecordBegin[matched] ? matched + 1 : *c == kRecordBegin[0] ? 1 : 0;
    if (matched < kRecordBegin.size()) continue;
    last = at + 1 - kRecordBegin.size();
    matched = 0;
  }
  return line.from(last);
}

}  // namespace

std::optional<Record> read_record(const Extent &line) {
  Record record;
  record.line = line;
  Builder builder(record);
  if (line.size == 0 || !Json::sax_parse(Characters(line), Characters(), &builder) || !builder.is_record())
    return std::nullopt;
  return record;
}

std::vector<Record> read_records(const Extent &file) {
  std::vector<Record> records;
  for (const Extent &line : lines_of(file)) {
    std::optional<Record> record = read_record(line);
    if (!record) record = read_record(after_what_was_cut(line));
    if (!record) continue;
    if (record->event.empty()) {
      records.push_back(std::move(*record));
    } else if (record->event == "exec-failed") {
      const auto voided = std::find_if(records.rbegin(), records.rend(), [&](const Record &other) {
        return other.pid == record->pid && other.kind == "exec";
      });
      if (voided != records.rend()) records.erase(std::next(voided).base());
    }
  }
  return records;
}

void append_json(const Record &record, Spool &out) {
  constexpr std::string_view kWhere = "\"termination\":{";
  const std::string head = record.core ? head_of(record.line, size_t{64} << 10) : "";
  const size_t at = head.find(kWhere), begin = at == head.npos ? 0 : at + kWhere.size();
  const bool is_told = head.find("\"core\":") != head.npos;
  out.append_json({record.line.fd, record.line.begin, begin});
  if (begin > 0 && !is_told) out.append("\"core\":true,");
  out.append_json(record.line.from(begin));
  out.append("\n");
}

std::string program_of(const Record &record) {
  if (!record.program.empty()) return record.program;
  const std::string name = record.exe.substr(record.exe.rfind('/') + 1);
  return !name.empty() ? name : !record.thread.empty() ? record.thread : "process";
}

}  // namespace axshim::tool
