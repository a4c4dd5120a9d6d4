#include "tool/ended_table.h"

#include <string.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>

#include "base/escape.h"
#include "base/signals.h"

namespace axshim::tool {
namespace {

constexpr size_t kNumbers = 5;
constexpr const char *kHeads[kNumbers] = {"times", "cleanups", "ran", "failed", "skipped"};

struct Row {
  std::string program, ended;
  std::array<int64_t, kNumbers> numbers = {};
  bool is_known = true;  // what its cleanups became
};

std::string escaped(const std::string &foreign) {
  struct Appender {
    std::string text;
    Appender &operator<<(char c) {
      text += c;
      return *this;
    }
  } out;
  append_escaped(out, foreign);
  return out.text;
}

std::string end_of(const Record &record) {
  const std::string status = record.status ? std::to_string(*record.status) : "";
  const std::string core = record.core ? ", core" : "";
  if (record.kind.empty()) return (record.signal.empty() ? "status " + status : record.signal) + core;
  if (record.kind == "return") return "return " + status;
  if (record.kind == "raw-exit") return "raw exit " + status;
  if (record.kind == "signal") return record.signal + (record.graceful ? ", gracefully" : "") + core;
  if (record.kind == "abort") return "abort" + core;
  if (record.kind == "exec") return "exec";
  if (record.kind != "vanished") return record.kind + '(' + status + ')';
  if (record.oom) return "vanished, OOM killer";
  return record.signal.empty() ? "vanished" : "vanished, " + record.signal + core;
}

Row row_of(const Record &record) {
  const RecordSummary &summary = record.summary;
  return {escaped(program_of(record)),
          end_of(record),
          {1, summary.registered, summary.ran, summary.failed + summary.timed_out + summary.interrupted,
           summary.skipped},
          !record.kind.empty()};
}

std::vector<Row> rows_of(const std::vector<const Record *> &records) {
  std::vector<Row> rows;
  for (const Record *record : records) {
    if (record->kind == "exec" && record->clean.value_or(true)) continue;  // nothing ended
    const Row row = row_of(*record);
    const auto same = std::find_if(rows.begin(), rows.end(), [&](const Row &other) {
      return other.program == row.program && other.ended == row.ended && other.is_known == row.is_known;
    });
    if (same == rows.end()) {
      rows.push_back(row);
      continue;
    }
    for (size_t i = 0; i < kNumbers; ++i) same->numbers[i] += row.numbers[i];
  }
  return rows;
}

std::string number(const Row &row, size_t i) {
  return i > 0 && !row.is_known ? "?" : std::to_string(row.numbers[i]);
}

std::string left(const std::string &text, size_t width) {
  return text + std::string(width - text.size(), ' ');
}
std::string right(const std::string &text, size_t width) {
  return std::string(width - text.size(), ' ') + text;
}

}  // namespace

Record record_of_status(const std::string &program, int pid, int wait_status) {
  Record record;
  record.exe = program;
  record.pid = pid;
  if (WIFEXITED(wait_status)) {
    record.status = WEXITSTATUS(wait_status);
  } else {
    record.signal = signal_name(WTERMSIG(wait_status));
    record.core = WCOREDUMP(wait_status);
  }
  return record;
}

std::string ended_table(const std::vector<const Record *> &records) {
  const std::vector<Row> rows = rows_of(records);
  size_t program = strlen("program"), ended = strlen("ended");
  size_t widths[kNumbers];
  for (size_t i = 0; i < kNumbers; ++i) widths[i] = strlen(kHeads[i]);
  for (const Row &row : rows) {
    program = std::max(program, row.program.size());
    ended = std::max(ended, row.ended.size());
    for (size_t i = 0; i < kNumbers; ++i) widths[i] = std::max(widths[i], number(row, i).size());
  }
  std::string text = "axshim: " + left("program", program) + "  " + left("ended", ended);
  for (size_t i = 0; i < kNumbers; ++i) text += "  " + right(kHeads[i], widths[i]);
  text += '\n';
  for (const Row &row : rows) {
    text += "axshim: " + left(row.program, program) + "  " + left(row.ended, ended);
    for (size_t i = 0; i < kNumbers; ++i) text += "  " + right(number(row, i), widths[i]);
    text += '\n';
  }
  return text;
}

}  // namespace axshim::tool
