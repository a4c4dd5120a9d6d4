#include "tool/record.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace axshim::tool {
namespace {

using Json = nlohmann::json;

const Json kNothing;

const Json &part(const Json &of, const char *key) {
  const auto found = of.find(key);
  return found != of.end() ? *found : kNothing;
}

std::string text(const Json &of, const char *key) {
  const Json &value = part(of, key);
  return value.is_string() ? value.get<std::string>() : "";
}

std::optional<int64_t> number(const Json &of, const char *key) {
  const Json &value = part(of, key);
  return value.is_number_integer() ? std::optional(value.get<int64_t>()) : std::nullopt;
}

std::optional<bool> boolean(const Json &of, const char *key) {
  const Json &value = part(of, key);
  return value.is_boolean() ? std::optional(value.get<bool>()) : std::nullopt;
}

template <class Visit>
void each(const Json &of, const char *key, Visit visit) {
  const Json &items = part(of, key);
  if (items.is_array()) std::for_each(items.begin(), items.end(), visit);
}

Frame frame(const Json &of) {
  return {text(of, "module"), text(of, "offset"), text(of, "symbol"), text(of, "plus")};
}

void strings(const Json &of, const char *key, std::vector<std::string> &out) {
  each(of, key, [&](const Json &item) {
    if (item.is_string()) out.push_back(item.template get<std::string>());
  });
}

void survivors(const Json &of, const char *key, const char *id, std::vector<Survivor> &out) {
  each(of, key, [&](const Json &item) { out.push_back({text(item, "name"), number(item, id).value_or(0)}); });
}

void read_termination(const Json &of, Record &record) {
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
  record.thread = text(part(of, "thread"), "name");
  if (const Json &sender = part(of, "sender"); sender.is_object()) {
    record.sender = {text(sender, "name"), number(sender, "pid").value_or(0)};
    record.sender_uid = number(sender, "uid").value_or(0);
  }
  each(of, "backtrace", [&](const Json &item) { record.backtrace.push_back(frame(item)); });
}

void read_summary(const Json &of, RecordSummary &summary) {
  summary.registered = number(of, "registered").value_or(0);
  summary.ran = number(of, "ran").value_or(0);
  summary.failed = number(of, "failed").value_or(0);
  summary.timed_out = number(of, "timed_out").value_or(0);
  summary.interrupted = number(of, "interrupted").value_or(0);
  summary.skipped = number(of, "skipped").value_or(0);
}

void read_lists(const Json &of, Record &record) {
  each(of, "cleanups", [&](const Json &item) {
    const Json &caller = part(item, "registered_by");
    record.cleanups.push_back({text(item, "name"), text(item, "source"), text(item, "outcome"),
                               text(item, "reason"), text(item, "error"),
                               caller.is_object() ? std::optional(frame(caller)) : std::nullopt});
  });
  each(of, "unflushed", [&](const Json &item) {
    record.streams.push_back({number(item, "fd"), text(item, "target"), number(item, "bytes").value_or(0),
                              number(item, "rescued").value_or(0), boolean(item, "busy").value_or(false)});
  });
  survivors(of, "threads", "tid", record.threads);
  survivors(of, "children", "pid", record.children);
  strings(of, "hazards", record.hazards);
}

}  // namespace

std::optional<Record> read_record(std::string_view line) {
  const Json json = Json::parse(line, nullptr, false);
  if (!number(json, "axshim")) return std::nullopt;
  Record record;
  record.line = line;
  record.event = text(json, "event");
  record.pid = number(json, "pid").value_or(0);
  record.exe = text(json, "exe");
  record.program = text(json, "program");
  record.clean = boolean(json, "clean");
  record.uptime_ms = number(json, "uptime_ms");
  record.truncated = boolean(json, "truncated").value_or(false);
  read_termination(part(json, "termination"), record);
  read_summary(part(json, "summary"), record.summary);
  const Json &python = part(json, "python");
  record.python_skipped = number(python, "atexit_skipped").value_or(0);
  strings(python, "callbacks", record.python_callbacks);
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
  if (!record.program.empty()) return record.program;
  const std::string name = record.exe.substr(record.exe.rfind('/') + 1);
  return !name.empty() ? name : !record.thread.empty() ? record.thread : "process";
}

}  // namespace axshim::tool
