// How often each cleanup was registered, and what became of it; how each program ended. Memory follows the
// number of different cleanups and programs.
#pragma once

#include <stdint.h>

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cleanup/policy.h"
#include "cleanup/registry.h"
#include "tool/journal_file.h"
#include "tool/record_reader.h"

namespace axshim::tool {

inline constexpr size_t kReasons = static_cast<size_t>(Reason::vanished) + 1;

// What became of a cleanup, as one number: a State, or behind them a Reason of `skipped`.
inline constexpr size_t kFates = static_cast<size_t>(State::cancelled) + 1 + kReasons;
inline size_t fate_of(State state) { return static_cast<size_t>(state); }
inline size_t fate_of(Reason reason) {
  return static_cast<size_t>(State::cancelled) + 1 + static_cast<size_t>(reason);
}

struct CleanupTally {
  std::array<uint64_t, kFates> fates{};
  std::string name, source;
  Place function;                    // as it was seen first
  std::vector<std::string> running;  // "prog[pid]", now

  uint64_t registered() const;
  uint64_t skipped() const;
  uint64_t failed() const;  // or was stopped, or interrupted
};

struct ProgramTally {
  std::map<std::string, uint64_t> ends;  // "exit 3", "SIGTERM"
  uint64_t unclean = 0;
};

class Tally {
 public:
  // What a record adds one to: counted now, or later, or never.
  using Marks = std::vector<uint64_t *>;
  void mark(const RecordFacts &, Marks &);
  static void count(const Marks &marks) {
    for (uint64_t *mark : marks) ++*mark;
  }

  CleanupTally &cleanup(std::string_view name, std::string_view source, std::string_view module);
  ProgramTally &program(std::string_view exe);

  template <class Visit>
  void each_cleanup(Visit visit) {
    for (auto &[key, tally] : cleanups_) visit(tally);
  }
  template <class Visit>
  void each_program(Visit visit) {
    for (auto &[exe, tally] : programs_) visit(exe, tally);
  }

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  template <class Value>
  using Table = std::unordered_map<std::string, Value, Hash, std::equal_to<>>;

  Table<CleanupTally> cleanups_;  // pointers to what is in it stay good
  Table<ProgramTally> programs_;
  std::string key_, end_;
};

}  // namespace axshim::tool
