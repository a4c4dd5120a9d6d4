#include "tool/tally_text.h"

#include <algorithm>

#include "tool/shown.h"
#include "tool/table.h"

namespace axshim::tool {
namespace {

std::vector<Cell> heading(const std::vector<std::string> &names, size_t first_number, size_t last_number) {
  std::vector<Cell> row;
  for (size_t i = 0; i < names.size(); ++i)
    row.push_back({names[i], i >= first_number && i <= last_number, kBold});
  return row;
}

void append_count(std::string &text, uint64_t count, const std::string &what) {
  if (count > 0) text += (text.empty() ? "" : ", ") + std::to_string(count) + ' ' + what;
}

std::string base_name(const std::string &path) { return path.substr(path.rfind('/') + 1); }

struct ProgramLine {
  uint64_t processes = 0, unclean = 0;
  std::string name, ends;
};

std::string programs(Tally &tally, bool colours) {
  std::vector<ProgramLine> lines;
  tally.each_program([&](const std::string &exe, const ProgramTally &program) {
    std::vector<std::pair<uint64_t, std::string>> ends;
    for (const auto &[end, count] : program.ends) ends.emplace_back(count, end);
    std::stable_sort(ends.begin(), ends.end(),
                     [](const auto &a, const auto &b) { return a.first > b.first; });
    ProgramLine line = {0, program.unclean, exe.empty() ? "?" : shown(exe), ""};
    for (const auto &[count, end] : ends) {
      line.processes += count;
      append_count(line.ends, count, shown(end));
    }
    if (line.processes > 0) lines.push_back(line);
  });
  std::sort(lines.begin(), lines.end(), [](const ProgramLine &a, const ProgramLine &b) {
    return std::tie(b.unclean, b.processes, a.name) < std::tie(a.unclean, a.processes, b.name);
  });
  Table table("", colours);
  table.add(heading({"PROCESSES", "UNCLEAN", "PROGRAM", "HOW THEY ENDED"}, 0, 1));
  for (const ProgramLine &line : lines)
    table.add({number(line.processes), number(line.unclean, kYellow), {line.name}, {line.ends}});
  return lines.empty() ? "" : table.text();
}

std::string remarks(const CleanupTally &cleanup) {
  std::string result;
  for (const std::string &where : cleanup.running)
    result += (result.empty() ? "running now in " : ", ") + shown(where);
  append_count(result, cleanup.fates[fate_of(State::timed_out)], outcome_name(State::timed_out));
  append_count(result, cleanup.fates[fate_of(State::interrupted)], outcome_name(State::interrupted));
  for (size_t i = 1; i < kReasons; ++i)
    append_count(result, cleanup.fates[fate_of(static_cast<Reason>(i))], reason_name(static_cast<Reason>(i)));
  append_count(result, cleanup.fates[fate_of(State::skipped)], "skipped for another reason");
  append_count(result, cleanup.fates[fate_of(State::registered)], "to come");
  return result;
}

std::string cleanups(Tally &tally, Names &names, bool colours) {
  std::vector<CleanupTally *> sorted;
  tally.each_cleanup([&](CleanupTally &cleanup) {
    if (cleanup.registered() > 0) sorted.push_back(&cleanup);
  });
  std::sort(sorted.begin(), sorted.end(), [](const CleanupTally *a, const CleanupTally *b) {
    const uint64_t lost_a = a->failed() + a->skipped(), lost_b = b->failed() + b->skipped();
    const uint64_t all_a = a->registered(), all_b = b->registered();
    return std::tie(lost_b, all_b, a->name, a->source) < std::tie(lost_a, all_a, b->name, b->source);
  });
  Table table("", colours);
  table.add(heading({"CLEANUP", "SOURCE", "IN", "REGISTERED", "RAN", "FAILED", "SKIPPED", ""}, 3, 6));
  for (const CleanupTally *cleanup : sorted) {
    std::string in = base_name(cleanup->function.module);
    if (const std::string line = names.line_of(cleanup->function); !line.empty()) in += ", " + line;
    table.add({{shown(cleanup->name)},
               {shown(cleanup->source)},
               {shown(in)},
               number(cleanup->registered()),
               number(cleanup->fates[fate_of(State::ran)]),
               number(cleanup->failed(), kRed),
               number(cleanup->skipped(), kYellow),
               {remarks(*cleanup)}});
  }
  return sorted.empty() ? "" : table.text();
}

}  // namespace

std::string as_text(Tally &tally, Names &names, bool colours) {
  const std::string first = programs(tally, colours), second = cleanups(tally, names, colours);
  return first + (first.empty() || second.empty() ? "" : "\n") + second;
}

}  // namespace axshim::tool
