#include "cleanup/policy.h"

#include <gtest/gtest.h>

#include <string>

namespace axshim {
namespace {

constexpr Traits kSafe = {.signal_safe = true, .orderly_only = false, .forced_only = false};
constexpr Traits kOrdinary = {.signal_safe = false, .orderly_only = false, .forced_only = false};

std::string said(const Situation &situation, const Traits &cleanup) {
  const Decision decision = decide(situation, cleanup);
  if (decision.verdict == Verdict::run) return "run";
  if (decision.verdict == Verdict::keep) return "keep";
  return reason_name(decision.reason);
}

struct Row {
  End end;
  const char *safe;
  const char *ordinary;
};

class Table : public testing::TestWithParam<Row> {};

TEST_P(Table, SaysWhatRuns) {
  EXPECT_EQ(said({.end = GetParam().end}, kSafe), GetParam().safe);
  EXPECT_EQ(said({.end = GetParam().end}, kOrdinary), GetParam().ordinary);
}

INSTANTIATE_TEST_SUITE_P(Policy, Table,
                         testing::Values(Row{End::main_return, "run", "run"}, Row{End::exit, "run", "run"},
                                         Row{End::immediate_exit, "run", "run"}, Row{End::quick_exit, "run", "run"},
                                         Row{End::abort, "run", "not-signal-safe"},
                                         Row{End::signal, "run", "not-signal-safe"}, Row{End::exec, "exec", "exec"}),
                         [](const auto &info) {
                           const std::string name = end_name(info.param.end);
                           return name == "_exit" ? "immediate_exit" : name;
                         });

TEST(Policy, KeepsSignalSafeOnesThatTheNewImageDeclares) {
  EXPECT_EQ(said({.end = End::exec, .survives_exec = true}, kSafe), "keep");
  EXPECT_EQ(said({.end = End::exec, .survives_exec = true}, kOrdinary), "exec");
}

TEST(Policy, SkipsOrdinaryOnesInAProgramsSignalHandler) {
  EXPECT_EQ(said({.end = End::immediate_exit, .in_signal_handler = true}, kSafe), "run");
  EXPECT_EQ(said({.end = End::immediate_exit, .in_signal_handler = true}, kOrdinary), "not-signal-safe");
}

TEST(Policy, SkipsOrdinaryOnesAfterOneThatMayHoldALock) {
  EXPECT_EQ(said({.end = End::exit, .after_failure = true}, kSafe), "run");
  EXPECT_EQ(said({.end = End::exit, .after_failure = true}, kOrdinary), "unsafe-after-failure");
}

TEST(Policy, SkipsAllOnceTheBudgetIsSpent) {
  EXPECT_EQ(said({.end = End::exit, .budget_spent = true}, kSafe), "budget");
  EXPECT_EQ(said({.end = End::exit, .budget_spent = true}, kOrdinary), "budget");
}

TEST(Policy, SkipsAllUnderASeccompFilter) {
  EXPECT_EQ(said({.end = End::signal, .quiet = true}, kSafe), "seccomp");
  EXPECT_EQ(said({.end = End::exit, .quiet = true}, kOrdinary), "seccomp");
}

TEST(Policy, HonoursTheKindOfEndThatAnEntryIsFor) {
  const Traits orderly = {.signal_safe = true, .orderly_only = true, .forced_only = false};
  const Traits forced = {.signal_safe = true, .orderly_only = false, .forced_only = true};
  EXPECT_EQ(said({.end = End::exit}, orderly), "run");
  EXPECT_EQ(said({.end = End::immediate_exit}, orderly), "policy");
  EXPECT_EQ(said({.end = End::main_return}, forced), "policy");
  EXPECT_EQ(said({.end = End::signal}, forced), "run");
}

}  // namespace
}  // namespace axshim
