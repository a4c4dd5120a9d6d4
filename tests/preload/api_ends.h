// All ways to end, each under the preload and bare: what runs then of what was registered through the API.
#pragma once

#include <signal.h>

#include "preload/own_cleanups.h"

namespace axshim_test {

struct End {
  const char *word;   // that end_by knows
  const char *title;  // for a test's name
  int status;
  bool is_orderly;
  bool runs_ordinary;     // under the preload
  bool runs_signal_safe;  // likewise
};

inline void PrintTo(const End &end, std::ostream *out) { *out << end.title; }

inline std::vector<End> all_ends() {
  return {{"return", "Return", exited(0), true, true, true},
          {"exit", "Exit", exited(11), true, true, true},
          {"_exit", "UnderscoreExit", exited(12), false, true, true},
          {"quick_exit", "QuickExit", exited(14), false, true, true},
          {"abort", "Abort", killed(SIGABRT), false, false, true},
          {"sigterm", "Sigterm", killed(SIGTERM), false, false, true},
          {"sigsegv", "Sigsegv", killed(SIGSEGV), false, false, true},
          {"execve", "Exec", exited(1), false, false, false}};
}

class AtEachEnd : public PreloadTest, public testing::WithParamInterface<std::tuple<End, bool>> {
 protected:
  const End &end() const { return std::get<0>(GetParam()); }
  bool is_preloaded() const { return std::get<1>(GetParam()); }
  bool runs_ordinary() const { return is_preloaded() ? end().runs_ordinary : end().is_orderly; }
  bool runs_signal_safe() const { return is_preloaded() ? end().runs_signal_safe : end().is_orderly; }
  // Why a record says that an ordinary cleanup was skipped.
  std::string skipped() const {
    return std::string("skipped (") + (end().word == std::string("execve") ? "exec)" : "not-signal-safe)");
  }

  // Fails where it ends in another way.
  Outcome run(Command command) {
    command.env.emplace("AXSHIM_PROGRAMS", "*,!false");  // which the exec starts
    const Outcome outcome = is_preloaded() ? recorded(command) : bare(command);
    EXPECT_EQ(outcome.status, end().status) << describe(outcome.status);
    return outcome;
  }
};

// For INSTANTIATE_TEST_SUITE_P: all ends, under the preload and bare, and their names.
inline auto each_end() { return testing::Combine(testing::ValuesIn(all_ends()), testing::Bool()); }
inline std::string title_of_end(const testing::TestParamInfo<std::tuple<End, bool>> &info) {
  return std::string(std::get<0>(info.param).title) + (std::get<1>(info.param) ? "UnderThePreload" : "Bare");
}

}  // namespace axshim_test
