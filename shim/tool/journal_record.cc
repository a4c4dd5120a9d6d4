#include "tool/journal_record.h"

#include <stdio.h>
#include <sys/wait.h>
#include <time.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "base/signals.h"
#include "cause/cause.h"
#include "tool/shown.h"

namespace axshim::tool {
namespace {

std::string quoted(std::string_view value) {
  TextSink out;
  append_json_string(out, value);
  return out.text;
}

std::string hexadecimal(uint64_t value) {
  char text[24];
  snprintf(text, sizeof text, "\"0x%llx\"", static_cast<unsigned long long>(value));
  return text;
}

// Empty for a year that no calendar knows.
std::string time_text(const timespec &time) {
  tm parts;
  char date[64], microseconds[16];
  if (gmtime_r(&time.tv_sec, &parts) == nullptr || strftime(date, sizeof date, "%FT%T", &parts) == 0)
    return "";
  snprintf(microseconds, sizeof microseconds, ".%06dZ", static_cast<int>(time.tv_nsec / 1000 % 1'000'000));
  return std::string(date) + microseconds;
}

std::string frame(const Place &place, Names &names) {
  std::string json = "{";
  if (!place.module.empty()) json += "\"module\":" + quoted(place.module) + ',';
  json += "\"offset\":" + hexadecimal(place.offset);
  if (const std::optional<NamedPlace> found = names.find(place))
    json += ",\"symbol\":" + quoted(found->function) + ",\"plus\":" + hexadecimal(found->plus);
  if (!place.build_id.empty()) json += ",\"build_id\":" + quoted(place.build_id);
  return json + '}';
}

// What became of it: the process wrote no outcome for what it never came to.
State state_of(const JournalEntry &entry) {
  if (entry.state == State::registered) return State::skipped;
  return entry.state == State::running ? State::interrupted : entry.state;
}

std::string cleanup(const JournalEntry &entry, Names &names) {
  const bool named = !entry.name.empty();
  std::string json = "{\"name\":" + quoted(named ? entry.name : names.of(entry.function)) +
                     ",\"source\":" + quoted(source_name(entry.source));
  if (!entry.declared && !named) json += ",\"function\":" + frame(entry.function, names);
  if (entry.registered_by.offset != 0) json += ",\"registered_by\":" + frame(entry.registered_by, names);
  if (entry.source != Source::env) json += ",\"registered_ms\":" + std::to_string(entry.registered_ms);
  const State state = state_of(entry);
  json += ",\"outcome\":" + quoted(outcome_name(state));
  const Reason reason = entry.state == State::registered ? Reason::vanished : entry.reason;
  if (state == State::skipped) json += ",\"reason\":" + quoted(reason_name(reason));
  if (!entry.error.empty()) json += ",\"error\":" + quoted(entry.error);
  return json + '}';
}

// What there is to know before the first of its entries is told.
struct Survey {
  size_t all = 0;
  std::map<State, size_t> became;
  std::vector<std::pair<uint32_t, size_t>> had_turn;  // and the places of those
};

Survey survey(const JournalFile &journal) {
  Survey result;
  journal.each_own([&](const JournalEntry &entry, size_t place) {
    ++result.all;
    ++result.became[state_of(entry)];
    if (entry.turn != 0) result.had_turn.emplace_back(entry.turn, place);
  });
  std::sort(result.had_turn.begin(), result.had_turn.end());
  return result;
}

// In the order in which they ran or would have run.
template <class Visit>
void each_in_order(const JournalFile &journal, const Survey &survey, Visit visit) {
  for (const auto &[turn, place] : survey.had_turn)
    if (const std::optional<JournalEntry> entry = journal.entry(place)) visit(*entry);
  journal.each_own_newest_first([&](const JournalEntry &entry, size_t) {
    if (entry.turn == 0) visit(entry);
  });
}

std::string summary(Survey &survey) {
  const auto count = [&](State state) { return std::to_string(survey.became[state]); };
  return "{\"registered\":" + std::to_string(survey.all) + ",\"ran\":" + count(State::ran) +
         ",\"failed\":" + count(State::failed) + ",\"timed_out\":" + count(State::timed_out) +
         ",\"interrupted\":" + count(State::interrupted) + ",\"skipped\":" + count(State::skipped) + '}';
}

std::string signal(int number) {
  return ",\"signal\":" + quoted(signal_name(number)) + ",\"number\":" + std::to_string(number);
}

// Its own account of its end.
std::string recorded_termination(const JournalHeader &header) {
  const uint32_t kind = header.kind;
  const End end = kind <= static_cast<uint32_t>(End::exec) ? static_cast<End>(kind) : End::exit;
  const int status = header.status;
  std::string json = "{\"kind\":" + quoted(end_name(end));
  if (has_signal(end)) return json + signal(status) + '}';
  return json + ",\"status\":" + std::to_string(status) + '}';
}

std::string termination(const JournalHeader &header, const Fate &fate) {
  if (!is_vanished(header)) return recorded_termination(header);
  if (!fate.wait_status) return std::string("{\"kind\":\"vanished\"") + (fate.oom ? ",\"oom\":true}" : "}");
  const int status = *fate.wait_status;
  if (WIFEXITED(status))
    return "{\"kind\":\"raw-exit\",\"status\":" + std::to_string(WEXITSTATUS(status)) + '}';
  return "{\"kind\":\"vanished\"" + signal(WTERMSIG(status)) + (WCOREDUMP(status) ? ",\"core\":true" : "") +
         (fate.oom ? ",\"oom\":true}" : "}");
}

}  // namespace

bool is_vanished(const JournalHeader &header) {
  return header.end == JournalEnd::none || header.end == JournalEnd::begun;
}

void append_journal_record(const JournalFile &journal, const Fate &fate, Names &names, Spool &out) {
  const JournalHeader &header = journal.header();
  const bool raw_exit = is_vanished(header) && fate.wait_status && WIFEXITED(*fate.wait_status);
  std::string json = "{\"axshim\":1";
  if (header.host[0] != '\0') json += ",\"host\":" + quoted(header.host);
  json += ",\"pid\":" + std::to_string(header.pid) + ",\"ppid\":" + std::to_string(header.ppid) +
          ",\"uid\":" + std::to_string(header.uid);
  if (header.exe[0] != '\0') json += ",\"exe\":" + quoted(header.exe);
  if (header.program[0] != '\0' &&
      !('/' + std::string(header.exe)).ends_with('/' + std::string(header.program)))
    json += ",\"program\":" + quoted(header.program);
  const std::string started = time_text(header.started);
  if (!started.empty()) json += ",\"started\":" + quoted(started);
  if (!raw_exit) json += std::string(",\"clean\":") + (header.end == JournalEnd::clean ? "true" : "false");
  Survey entries = survey(journal);
  json += ",\"termination\":" + termination(header, fate) + ",\"summary\":" + summary(entries) +
          ",\"cleanups\":[";
  out.append(json);
  const char *separator = "";
  each_in_order(journal, entries, [&](const JournalEntry &entry) {
    out.append(separator);
    out.append(cleanup(entry, names));
    separator = ",";
  });
  out.append((header.incomplete != 0 ? "],\"truncated\":true" : "]") +
             (",\"shim\":" + quoted(AXSHIM_VERSION)) + '}');
}

}  // namespace axshim::tool
