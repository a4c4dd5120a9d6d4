#include "tool/ended_table.h"

#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "base/signals.h"
#include "tool/shown.h"
#include "tool/table.h"

namespace axshim::tool {
namespace {

constexpr const char *kHeads[] = {"times", "cleanups", "ran", "failed", "recovered", "skipped"};
constexpr size_t kNumbers = std::size(kHeads), kRecovered = 4;

struct Row {
  std::string program, ended;
  std::array<int64_t, kNumbers> numbers = {};
  bool is_known = true;  // what its cleanups became
};

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
  return {shown(program_of(record)),
          end_of(record),
          {1, summary.registered, summary.ran, summary.failed + summary.timed_out + summary.interrupted,
           summary.recovered, summary.skipped},
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
  const bool has_recovered =
      std::any_of(rows.begin(), rows.end(), [](const Row &row) { return row.numbers[kRecovered] > 0; });
  const auto add_numbers = [has_recovered](std::vector<Cell> cells, const auto &number) {
    for (size_t i = 0; i < kNumbers; ++i)
      if (i != kRecovered || has_recovered) cells.push_back({number(i), true});
    return cells;
  };
  Table table("axshim: ");
  table.add(add_numbers({{"program"}, {"ended"}}, [](size_t i) { return kHeads[i]; }));
  for (const Row &row : rows)
    table.add(add_numbers({{row.program}, {row.ended}}, [&row](size_t i) {
      return i > 0 && !row.is_known ? "?" : std::to_string(row.numbers[i]);
    }));
  return table.text();
}

}  // namespace axshim::tool
