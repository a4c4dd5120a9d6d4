#include "tool/tally.h"

#include <charconv>
#include <numeric>

namespace axshim::tool {
namespace {

size_t fate_in_record(const CleanupFacts &cleanup) {
  if (cleanup.outcome == outcome_name(State::skipped)) {
    for (size_t i = 1; i < kReasons; ++i)
      if (cleanup.reason == reason_name(static_cast<Reason>(i))) return fate_of(static_cast<Reason>(i));
    return fate_of(State::skipped);
  }
  for (const State state : {State::ran, State::failed, State::timed_out, State::interrupted})
    if (cleanup.outcome == outcome_name(state)) return fate_of(state);
  return fate_of(State::registered);
}

void describe_end(const RecordFacts &record, std::string &end) {
  end = !record.signal.empty() && record.kind != "abort" ? record.signal : record.kind;
  if (record.graceful) end += " gracefully";
  if (record.status >= 0) (end += ' ') += std::to_string(record.status);
}

}  // namespace

uint64_t CleanupTally::registered() const { return std::accumulate(fates.begin(), fates.end(), uint64_t{0}); }

uint64_t CleanupTally::skipped() const {
  uint64_t sum = fates[fate_of(State::skipped)];
  for (size_t i = 0; i < kReasons; ++i) sum += fates[fate_of(static_cast<Reason>(i))];
  return sum;
}

uint64_t CleanupTally::failed() const {
  return fates[fate_of(State::failed)] + fates[fate_of(State::timed_out)] +
         fates[fate_of(State::interrupted)];
}

CleanupTally &Tally::cleanup(std::string_view name, std::string_view source, std::string_view module) {
  key_.assign(name).append(1, '\0').append(source).append(1, '\0').append(module);
  const auto found = cleanups_.find(key_);
  if (found != cleanups_.end()) return found->second;
  CleanupTally &fresh = cleanups_[key_];
  fresh.name = name;
  fresh.source = source;
  fresh.function.module = module;
  return fresh;
}

ProgramTally &Tally::program(std::string_view exe) {
  const auto found = programs_.find(exe);
  return found != programs_.end() ? found->second : programs_[std::string(exe)];
}

void Tally::mark(const RecordFacts &record, Marks &marks) {
  marks.clear();
  ProgramTally &ended = program(record.exe);
  describe_end(record, end_);
  marks.push_back(&ended.ends[end_]);
  if (record.unclean) marks.push_back(&ended.unclean);
  for (const CleanupFacts &facts : record.cleanups) {
    CleanupTally &tally = cleanup(facts.name, facts.source, facts.module);
    if (tally.function.build_id.empty() && facts.offset.starts_with("0x")) {
      tally.function.build_id = facts.build_id;
      std::from_chars(facts.offset.data() + 2, facts.offset.data() + facts.offset.size(),
                      tally.function.offset, 16);
    }
    marks.push_back(&tally.fates[fate_in_record(facts)]);
  }
}

}  // namespace axshim::tool
