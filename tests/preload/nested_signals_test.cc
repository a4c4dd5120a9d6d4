// Signals that come while the shim itself runs, or that only come once a wait lets them in.
#include <signal.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

using NestedSignal = PreloadTest;

// The backtrace faults at a frame pointer or a return address that points nowhere. Before: that fault came on
// top of the private stack, over the frames of the handler, and what killed the process, as a tracer or a
// core shows it, was a SIGSEGV with si_code 128 inside the shim, for abort too.
class LostFrames : public PreloadTest, public testing::WithParamInterface<bool> {};

TEST_P(LostFrames, LeaveTheDeathAsItWas) {
  const bool aborts = GetParam();
  Command command{.argv = {program("traces_signals"), program("loses_its_frames")},
                  .env = {{"AXSHIM_PROGRAMS", "!traces_*"}}};
  if (aborts) command.argv.push_back("caught");
  const Outcome plain = bare(command), end = recorded(command);
  if (plain.status == exited(77)) GTEST_SKIP() << "may not trace here";
  EXPECT_THAT(lines(plain.out).back(), HasSubstr(aborts ? "signal 6, " : "signal 11, code 1, address 0x10"));
  EXPECT_EQ(lines(end.out).back(), lines(plain.out).back()) << end.out;
  Records records = records_of(log());
  std::erase_if(records, [](const Json &record) { return record["termination"]["kind"] == "exec"; });
  const Json termination = only_record(records)["termination"];
  EXPECT_EQ(termination.value("kind", ""), aborts ? "abort" : "signal");
  EXPECT_EQ(termination.value("code", "none"), aborts ? "SI_TKILL" : "SEGV_MAPERR");
  EXPECT_EQ(termination.value("address", "none"), aborts ? "none" : "0x10");
}

INSTANTIATE_TEST_SUITE_P(At, LostFrames, testing::Bool(),
                         [](const auto &info) { return info.param ? "Abort" : "Fault"; });

// The timer expires in the middle of the tree. Before: SIGSEGV in place of SIGTERM.
TEST_F(NestedSignal, OfATimeoutLeavesTheDeathAsItWas) {
  const Path tree = file("tree");
  create_directory(tree);
  for (int i = 0; i < 8000; ++i) make_file("tree/" + std::to_string(i), "");
  const Outcome end =
      recorded({.argv = {program("raises_signal"), std::to_string(SIGTERM)},
                .env = {{"AXSHIM_CLEANUP", "tree=rmtree:" + tree.string() + " @timeout=1ms"}}});
  EXPECT_EQ(end.status, killed(SIGTERM)) << describe(end.status);
  const Json record = only_record(log());
  EXPECT_EQ(record["termination"].value("signal", ""), "SIGTERM");
  EXPECT_THAT(outcomes(record), ElementsAre("tree: timed-out"));
}

// The cleanup interrupts the process that waits for it. Before: status 0, and no record of the true end.
class Interrupted : public PreloadTest, public testing::WithParamInterface<bool> {};

TEST_P(Interrupted, CleanupDoesNotLetTheProgramsHandlerEndTheProcess) {
  Command shimmed{.argv = {program("exits_at_sigint")},
                  .env = {{"AXSHIM_CLEANUP", "int=sh:kill -INT $AXSHIM_PID"}}};
  if (GetParam()) shimmed.argv.push_back("by SIGTERM");
  const Outcome plain = bare(shimmed), end = recorded(shimmed);
  EXPECT_EQ(plain.status, GetParam() ? killed(SIGTERM) : exited(3));
  EXPECT_EQ(end.status, plain.status) << describe(end.status);
  EXPECT_THAT(outcomes(only_record(log())), ElementsAre("int: ran"));
}

INSTANTIATE_TEST_SUITE_P(At, Interrupted, testing::Bool(),
                         [](const auto &info) { return info.param ? "Sigterm" : "UnderscoreExit"; });

// Before: the handler's return put back a mask that no longer let SIGTERM in; the program survived.
class Suspended : public PreloadTest, public testing::WithParamInterface<const char *> {};

TEST_P(Suspended, ProgramDiesOfASignalThatItLetsIn) {
  const Command command{.argv = {program("suspends"), GetParam()}};
  const Outcome plain = bare(command), end = recorded(command);
  EXPECT_EQ(plain.status, killed(SIGTERM));
  expect_same(plain, end);
  EXPECT_EQ(only_record(log())["termination"].value("signal", ""), "SIGTERM");
}

INSTANTIATE_TEST_SUITE_P(By, Suspended, testing::Values("sigsuspend", "ppoll", "pselect"),
                         [](const auto &info) { return std::string(info.param); });

// Before: the shim's handler overran the stack, and the process died of SIGSEGV.
TEST_F(NestedSignal, OnASmallStackOfTheProgramHasRoom) {
  const Command command{.argv = {program("asserts_on_small_altstack")}};
  const Outcome plain = bare(command), end = recorded(command);
  EXPECT_EQ(plain.status, killed(SIGABRT));
  expect_same(plain, end);
  EXPECT_THAT(only_record(log())["termination"].value("message", ""), HasSubstr("space == 0"));
}

}  // namespace
}  // namespace axshim_test
