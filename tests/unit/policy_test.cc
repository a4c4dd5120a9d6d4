#include "cleanup/policy.h"

#include <gtest/gtest.h>

#include <string>

namespace axshim {
namespace {

constexpr Traits kSafe = {.signal_safe = true};
constexpr Traits kOrdinary = {};
constexpr Traits kObserved = {.observed = true};
constexpr Traits kQuick = {.observed = true, .quick = true};

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
  const char *observed;
};

class Table : public testing::TestWithParam<Row> {};

TEST_P(Table, SaysWhatRuns) {
  EXPECT_EQ(said({.end = GetParam().end}, kSafe), GetParam().safe);
  EXPECT_EQ(said({.end = GetParam().end}, kOrdinary), GetParam().ordinary);
  EXPECT_EQ(said({.end = GetParam().end}, kObserved), GetParam().observed);
}

// `keep`: libc runs them.
INSTANTIATE_TEST_SUITE_P(Policy, Table,
                         testing::Values(Row{End::main_return, "run", "run", "keep"},
                                         Row{End::exit, "run", "run", "keep"},
                                         Row{End::graceful_signal, "run", "run", "keep"},
                                         Row{End::immediate_exit, "run", "run", "forced-exit"},
                                         Row{End::quick_exit, "run", "run", "forced-exit"},
                                         Row{End::abort, "run", "not-signal-safe", "not-signal-safe"},
                                         Row{End::signal, "run", "not-signal-safe", "not-signal-safe"},
                                         Row{End::exec, "exec", "exec", "exec"}),
                         [](const auto &info) {
                           const End end = info.param.end;
                           return end == End::immediate_exit    ? std::string("immediate_exit")
                                  : end == End::graceful_signal ? "graceful_signal"
                                                                : end_name(end);
                         });

TEST(Policy, BlamesTheHandlerThatEndedTheProcess) {
  EXPECT_EQ(said({.end = End::signal, .handler_exited = true}, kObserved), "handler-exited");
  EXPECT_EQ(said({.end = End::immediate_exit, .handler_exited = true, .rescue = true}, kObserved),
            "handler-exited");
  EXPECT_EQ(said({.end = End::exec, .handler_exited = true}, kObserved), "exec");
}

TEST(Policy, RescuesThePrograms) {
  for (const End end : {End::immediate_exit, End::quick_exit})
    EXPECT_EQ(said({.end = end, .rescue = true}, kObserved), "run");
  EXPECT_EQ(said({.end = End::immediate_exit, .in_signal_handler = true, .rescue = true}, kObserved),
            "forced-exit");
  EXPECT_EQ(said({.end = End::signal, .rescue = true}, kObserved), "not-signal-safe");
  EXPECT_EQ(said({.end = End::immediate_exit, .rescue = true, .after_failure = true}, kObserved),
            "unsafe-after-failure");
  EXPECT_EQ(said({.end = End::immediate_exit, .rescue = true, .budget_spent = true}, kObserved), "budget");
  EXPECT_EQ(said({.end = End::immediate_exit, .rescue = true, .quiet = true}, kObserved), "seccomp");
}

TEST(Policy, RescuesAsExitWouldThusNoneOfQuickExit) {
  EXPECT_EQ(said({.end = End::immediate_exit, .rescue = true}, kQuick), "keep");
  EXPECT_EQ(said({.end = End::immediate_exit}, kQuick), "forced-exit");
}

TEST(Policy, SaysThatAGracefulEndRanOutOfTime) {
  EXPECT_EQ(said({.end = End::signal, .out_of_time = true}, kObserved), "budget");
  EXPECT_EQ(said({.end = End::signal, .out_of_time = true}, kSafe), "run");
}

TEST(Policy, KeepsSignalSafeOnesThatTheNewImageDeclares) {
  constexpr Traits kOfTheEnvironment = {.signal_safe = true, .inherited_by_exec = true};
  EXPECT_EQ(said({.end = End::exec, .survives_exec = true}, kOfTheEnvironment), "keep");
  EXPECT_EQ(said({.end = End::exec, .survives_exec = true}, kSafe), "exec");
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
  const Traits orderly = {.signal_safe = true, .orderly_only = true};
  const Traits forced = {.signal_safe = true, .forced_only = true};
  EXPECT_EQ(said({.end = End::exit}, orderly), "run");
  EXPECT_EQ(said({.end = End::immediate_exit}, orderly), "policy");
  EXPECT_EQ(said({.end = End::main_return}, forced), "policy");
  EXPECT_EQ(said({.end = End::signal}, forced), "run");
}

}  // namespace
}  // namespace axshim
