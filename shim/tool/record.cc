#include "tool/record.h"

#include <simdjson.h>

#include <algorithm>

namespace axshim::tool {
namespace {

using simdjson::dom::element;

std::string text(element of, const char *key) {
  std::string_view value;
  return of[key].get(value) == simdjson::SUCCESS ? std::string(value) : "";
}

std::optional<int64_t> number(element of, const char *key) {
  int64_t value;
  if (of[key].get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

std::optional<bool> boolean(element of, const char *key) {
  bool value;
  if (of[key].get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

template <class Visit>
void each(element of, const char *key, Visit visit) {
  simdjson::dom::array items;
  if (of[key].get(items) != simdjson::SUCCESS) return;
  for (const element item : items) visit(item);
}

std::optional<Frame> frame(element of, const char *key) {
  element value;
  if (of[key].get(value) != simdjson::SUCCESS) return std::nullopt;
  return Frame{text(value, "module"), text(value, "offset"), text(value, "symbol"), text(value, "plus")};
}

void strings(element of, const char *key, std::vector<std::string> &out) {
  each(of, key, [&](element item) {
    std::string_view value;
    if (item.get(value) == simdjson::SUCCESS) out.emplace_back(value);
  });
}

void survivors(element of, const char *key, const char *id, std::vector<Survivor> &out) {
  each(of, key, [&](element item) { out.push_back({text(item, "name"), number(item, id).value_or(0)}); });
}

void read_termination(element of, Record &record) {
  record.kind = text(of, "kind");
  record.signal = text(of, "signal");
  record.code = text(of, "code");
  record.address = text(of, "address");
  record.path = text(of, "path");
  record.message = text(of, "message");
  record.exception = text(of, "exception");
  record.status = number(of, "status");
  record.graceful = boolean(of, "graceful").value_or(false);
  record.core = boolean(of, "core").value_or(false);
  record.oom = boolean(of, "oom").value_or(false);
  element part;
  if (of["thread"].get(part) == simdjson::SUCCESS) record.thread = text(part, "name");
  if (of["sender"].get(part) == simdjson::SUCCESS) {
    record.sender = {text(part, "name"), number(part, "pid").value_or(0)};
    record.sender_uid = number(part, "uid").value_or(0);
  }
  each(of, "backtrace", [&](element item) {
    record.backtrace.push_back(
        {text(item, "module"), text(item, "offset"), text(item, "symbol"), text(item, "plus")});
  });
}

void read_summary(element of, RecordSummary &summary) {
  summary.registered = number(of, "registered").value_or(0);
  summary.ran = number(of, "ran").value_or(0);
  summary.failed = number(of, "failed").value_or(0);
  summary.timed_out = number(of, "timed_out").value_or(0);
  summary.interrupted = number(of, "interrupted").value_or(0);
  summary.skipped = number(of, "skipped").value_or(0);
}

void read_lists(element of, Record &record) {
  each(of, "cleanups", [&](element item) {
    record.cleanups.push_back({text(item, "name"), text(item, "source"), text(item, "outcome"),
                               text(item, "reason"), text(item, "error"), frame(item, "registered_by")});
  });
  each(of, "unflushed", [&](element item) {
    record.streams.push_back({number(item, "fd"), text(item, "target"), number(item, "bytes").value_or(0),
                              number(item, "rescued").value_or(0), boolean(item, "busy").value_or(false)});
  });
  survivors(of, "threads", "tid", record.threads);
  survivors(of, "children", "pid", record.children);
  strings(of, "hazards", record.hazards);
}

}  // namespace

std::optional<Record> read_record(std::string_view line) {
  static simdjson::dom::parser parser;
  element json, part;
  if (parser.parse(line.data(), line.size()).get(json) != simdjson::SUCCESS) return std::nullopt;
  if (!number(json, "axshim")) return std::nullopt;
  Record record;
  record.line = line;
  record.event = text(json, "event");
  record.pid = number(json, "pid").value_or(0);
  record.exe = text(json, "exe");
  record.clean = boolean(json, "clean");
  record.uptime_ms = number(json, "uptime_ms");
  record.truncated = boolean(json, "truncated").value_or(false);
  if (json["termination"].get(part) == simdjson::SUCCESS) read_termination(part, record);
  if (json["summary"].get(part) == simdjson::SUCCESS) read_summary(part, record.summary);
  if (json["python"].get(part) == simdjson::SUCCESS) {
    record.python_skipped = number(part, "atexit_skipped").value_or(0);
    strings(part, "callbacks", record.python_callbacks);
  }
  read_lists(json, record);
  return record;
}

std::vector<Record> read_records(std::string_view text) {
  std::vector<Record> records;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    std::optional<Record> record = read_record(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
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

std::string program_of(const Record &record) {
  const std::string name = record.exe.substr(record.exe.rfind('/') + 1);
  return !name.empty() ? name : !record.thread.empty() ? record.thread : "process";
}

}  // namespace axshim::tool
