#include "tool/journals.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <stdexcept>

#include "base/signals.h"
#include "cause/cause.h"
#include "tool/directory.h"
#include "tool/shown.h"

namespace axshim::tool {
namespace {

constexpr int64_t kLatest = 2;  // seconds from a process's start to that of its image

// Of "2026-01-31T12:00:00.123456Z".
int64_t seconds_of(std::string_view time) {
  tm parts = {};
  const char *rest = strptime(std::string(time).c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  return rest != nullptr ? timegm(&parts) : 0;
}

std::string end_of(const JournalHeader &header, Life life) {
  const JournalEnd end = header.end;
  if (life == Life::lives) return end == JournalEnd::begun ? "ends now" : "runs";
  if (life == Life::unknown) return "unknown";
  const uint32_t kind = header.kind;
  if (end == JournalEnd::none || kind > static_cast<uint32_t>(End::vanished)) return "vanished";
  const End cause = static_cast<End>(kind);
  if (cause == End::abort || cause == End::exec) return end_name(cause);
  if (!has_signal(cause)) return std::string(end_name(cause)) + ' ' + std::to_string(header.status);
  std::string name(signal_name(header.status));
  if (name.empty()) name = "signal " + std::to_string(header.status);
  return name + (cause == End::graceful_signal ? " gracefully" : "");
}

// Why a cleanup did not run that was still registered at the end.
Reason reason_of(const JournalHeader &header, const JournalEntry &entry) {
  const uint32_t kind = header.kind;
  if (header.end == JournalEnd::none || kind > static_cast<uint32_t>(End::vanished)) return Reason::vanished;
  const Traits traits = {.signal_safe = entry.declared && info(entry.declared->action).signal_safe,
                         .observed = entry.source >= Source::atexit};
  const Decision decision = decide({.end = static_cast<End>(kind)}, traits);
  return decision.verdict == Verdict::skip ? decision.reason : Reason::vanished;
}

void count_entry(const JournalHeader &header, const JournalEntry &entry, Life life, Tally &all,
                 Names &names) {
  const std::string name = entry.name.empty() ? names.of(entry.function) : entry.name;
  CleanupTally &tally = all.cleanup(name, source_name(entry.source), entry.function.module);
  if (tally.function.build_id.empty()) tally.function = entry.function;
  size_t fate = fate_of(entry.state);
  if (entry.state == State::skipped) fate = fate_of(entry.reason);
  if (life == Life::gone && entry.state == State::registered) fate = fate_of(reason_of(header, entry));
  if (life == Life::gone && entry.state == State::running) fate = fate_of(State::interrupted);
  ++tally.fates[fate];
  if (life == Life::lives && entry.state == State::running)
    tally.running.push_back(std::string(header.program) + '[' + std::to_string(header.pid) + ']');
}

}  // namespace

void Journals::add(const std::string &path) {
  const JournalFile journal = read_journal(AT_FDCWD, path);
  const JournalHeader &header = journal.header();
  known_.push_back({path, header.pid, header.started.tv_sec, header.end == JournalEnd::exec, false});
}

void Journals::see(const RecordFacts &record) {
  for (Known &known : known_) {
    if (known.pid != record.pid || known.became_another != (record.kind == "exec")) continue;
    if (llabs(known.started - seconds_of(record.started)) <= kLatest) known.has_record = true;
  }
}

bool Journals::count(Tally &tally, Names &names) const {
  bool all_read = true;
  for (const Known &known : known_) {
    if (known.has_record) continue;
    try {
      const JournalFile journal = read_journal(AT_FDCWD, known.path);
      const JournalHeader &header = journal.header();
      std::string why;
      const Life life = life_of(header, why);
      ProgramTally &program = tally.program(header.exe);
      ++program.ends[end_of(header, life)];
      if (life == Life::gone && header.end != JournalEnd::clean) ++program.unclean;
      journal.each_own(
          [&](const JournalEntry &entry, size_t) { count_entry(header, entry, life, tally, names); });
      if (header.incomplete != 0) throw std::runtime_error("more was registered than there was room for");
      if (journal.unreadable() > 0)
        throw std::runtime_error(std::to_string(journal.unreadable()) + " parts of it are damaged");
    } catch (const std::exception &error) {
      if (access(known.path.c_str(), F_OK) != 0) continue;  // it ended well meanwhile
      complain(known.path + ": " + error.what());
      all_read = false;
    }
  }
  return all_read;
}

}  // namespace axshim::tool
