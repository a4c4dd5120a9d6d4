#include <algorithm>

#include "base/duration.h"
#include "tool/record.h"
#include "tool/shown.h"

namespace axshim::tool {
namespace {

constexpr const char *kDetail = "axshim:   ";
constexpr size_t kLeastOutcomeWidth = 7;
constexpr size_t kMostNameWidth = 40;

std::string padded(std::string text, size_t width) {
  if (const size_t used = columns(text); used < width) text.append(width - used, ' ');
  return text;
}

std::string count_of(int64_t count, const char *what) {
  return count > 0 ? ", " + std::to_string(count) + ' ' + what : "";
}

std::string base_name(const std::string &path) { return path.substr(path.rfind('/') + 1); }

std::string frame_text(const Frame &frame) {
  if (!frame.symbol.empty()) return frame.symbol + '+' + frame.plus;
  return (frame.module.empty() ? "?" : base_name(frame.module)) + '+' + frame.offset;
}

std::string signal_text(const Record &record) {
  std::string text = record.kind == "abort"       ? "aborted"
                     : record.graceful            ? "was ended gracefully by " + record.signal
                     : record.signal == "SIGKILL" ? "killed itself with SIGKILL"
                                                  : "was ended by " + record.signal;
  const bool was_sent = record.code.starts_with("SI_") && record.code != "SI_KERNEL";
  if (!record.code.empty() && !was_sent) {
    text += " (" + record.code;
    if (!record.address.empty()) text += " at " + record.address;
    text += ')';
  }
  if (record.sender)
    text += " sent by " + (record.sender->name.empty() ? "process" : record.sender->name) + '[' +
            std::to_string(record.sender->id) + "] of uid " + std::to_string(record.sender_uid);
  if (record.core) text += ", leaving a core";
  return text;
}

std::string end_text(const Record &record) {
  const std::string status = record.status ? std::to_string(*record.status) : "?";
  if (record.kind == "return") return "returned " + status + " from main";
  if (record.kind == "exec") return "was replaced by " + record.path;
  if (record.kind == "signal" || record.kind == "abort") return signal_text(record);
  if (record.kind == "raw-exit") return "exited with " + status + " by a raw system call";
  if (record.kind != "vanished") return "called " + record.kind + '(' + (record.status ? status : "") + ')';
  if (record.oom) return "vanished: killed by the OOM killer";
  if (record.signal.empty()) return "vanished";
  return "vanished: killed by " + record.signal + (record.core ? ", leaving a core" : "");
}

std::string cleanup_lines(const Record &record) {
  size_t outcome_width = kLeastOutcomeWidth, name_width = 0;
  for (const RecordedCleanup &cleanup : record.cleanups) {
    outcome_width = std::max(outcome_width, cleanup.outcome.size());
    const size_t width = columns(cleanup.name);
    if (width <= kMostNameWidth) name_width = std::max(name_width, width);
  }
  std::string text;
  for (const RecordedCleanup &cleanup : record.cleanups) {
    text += kDetail + padded(cleanup.outcome, outcome_width + 2) + padded(cleanup.name, name_width) + "   " +
            cleanup.source;
    if (cleanup.registered_by) text += " by " + frame_text(*cleanup.registered_by);
    if (!cleanup.reason.empty()) text += "   " + cleanup.reason;
    if (!cleanup.error.empty()) text += "   " + cleanup.error;
    text += '\n';
  }
  if (record.more_cleanups > 0)
    text += kDetail + ("and " + std::to_string(record.more_cleanups)) + " more (--format json lists all)\n";
  if (record.truncated)
    text += std::string(kDetail) + "more cleanups are left out: there was no room for them\n";
  return text;
}

std::string python_line(const Record &record) {
  if (record.python_skipped == 0) return "";
  std::string text = kDetail + ("skipped  " + std::to_string(record.python_skipped)) +
                     (record.python_skipped == 1 ? " atexit callback" : " atexit callbacks") + " of Python";
  const char *separator = ": ";
  for (const std::string &name : record.python_callbacks) {
    text += separator + name;
    separator = ", ";
  }
  return text + "   forced-exit\n";
}

std::string stream_lines(const Record &record) {
  std::string text;
  for (const RecordedStream &stream : record.streams) {
    const bool rescued = stream.rescued > 0;
    text += kDetail + std::string(rescued ? "rescued " : "unflushed ") +
            std::to_string(rescued ? stream.rescued : stream.bytes);
    if (rescued && stream.rescued < stream.bytes) text += " of " + std::to_string(stream.bytes);
    text += stream.bytes == 1 ? " byte" : " bytes";
    if (stream.fd) text += " on fd " + std::to_string(*stream.fd);
    const std::string &target = stream.target;
    if (!target.empty())
      text += " (" + shown(target[0] == '/' ? target : target.substr(0, target.find(':'))) + ')';
    text += stream.busy ? ", in use by a thread\n" : "\n";
  }
  return text;
}

std::string survivor_line(const char *what, const std::vector<Survivor> &survivors) {
  if (survivors.empty()) return "";
  std::string text = std::string(kDetail) + what;
  for (const Survivor &survivor : survivors)
    text += ' ' + survivor.name + '[' + std::to_string(survivor.id) + ']';
  return text + '\n';
}

std::string uptime_text(int64_t ms) {
  char buffer[32];
  Text text(buffer);
  append_uptime(text, ms * 1'000'000);
  return text.c_str();
}

}  // namespace

std::string text_of(const Record &record) {
  const RecordSummary &summary = record.summary;
  std::string text =
      "axshim: " + program_of(record) + '[' + std::to_string(record.pid) + "] " + end_text(record);
  if (record.uptime_ms) text += " after " + uptime_text(*record.uptime_ms);
  text += ": " + std::to_string(summary.registered) + (summary.registered == 1 ? " cleanup" : " cleanups") +
          count_of(summary.ran, "ran") + count_of(summary.failed, "failed") +
          count_of(summary.timed_out, "timed out") + count_of(summary.interrupted, "interrupted") +
          count_of(summary.skipped, "skipped") + '\n';
  if (!record.exception.empty()) text += kDetail + ("exception " + record.exception) + '\n';
  if (!record.message.empty()) text += kDetail + ("message " + record.message) + '\n';
  for (size_t i = 0; i < record.backtrace.size(); ++i)
    text += (i > 0 ? " < " : kDetail + std::string(record.signal.empty() ? "by " : "at ")) +
            frame_text(record.backtrace[i]);
  if (!record.backtrace.empty()) text += '\n';
  text += python_line(record) + cleanup_lines(record) + stream_lines(record);
  text += survivor_line("threads still running:", record.threads);
  text += survivor_line("children still alive:", record.children);
  for (const std::string &hazard : record.hazards) text += kDetail + ("hazard " + hazard) + '\n';
  return text;
}

}  // namespace axshim::tool
