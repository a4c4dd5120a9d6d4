// Cleanups by call: that meddle with the process, and what happens to the process meanwhile.
#include <signal.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Meddler {
  std::string symbol, outcome;
  std::string error;     // what the record's has to hold
  std::string printed;   // by it, on stdout
  bool stopped = false;  // in the middle: nothing ordinary runs after it
};

void PrintTo(const Meddler &meddler, std::ostream *out) { *out << meddler.symbol; }

class Meddling : public PreloadTest, public testing::WithParamInterface<std::tuple<const char *, Meddler>> {};

TEST_P(Meddling, CleanupCostsOnlyItself) {
  const auto &[how, meddler] = GetParam();
  const Outcome end = recorded(
      {.argv = {program("has_meddling_cleanups"), how},
       .env = {{"AXSHIM_CLEANUP", "safe=sh:true;next=call:meddle_write;bad=call:meddle_" + meddler.symbol},
               {"AXSHIM_PROGRAMS", "has_*"},
               {"AXSHIM_TIMEOUT", "3s"}},
       .deadline = std::chrono::seconds(15)});
  EXPECT_EQ(end.status, exited(3)) << describe(end.status);
  EXPECT_EQ(end.out, meddler.printed + (meddler.stopped ? "" : "written\n"));
  Records records = records_of(log());
  std::erase_if(records, [&](const Json &record) { return record["pid"] != end.pid; });  // a child of it
  const Json record = only_record(records);
  EXPECT_THAT(
      outcomes(record),
      ElementsAre("bad: " + meddler.outcome,
                  meddler.stopped ? "next: skipped (unsafe-after-failure)" : "next: ran", "safe: ran"));
  EXPECT_THAT(cleanup(record, "bad").value("error", ""), HasSubstr(meddler.error));
}

std::string title(const testing::TestParamInfo<std::tuple<const char *, Meddler>> &info) {
  return std::get<1>(info.param).symbol + (*std::get<0>(info.param) == 'e' ? "_AtExit" : "_AtUnderscoreExit");
}

// Before, in this order: killed by SIGABRT; status 0; the child never ended.
INSTANTIATE_TEST_SUITE_P(By, Meddling,
                         testing::Combine(testing::Values("exit", "_exit"),
                                          testing::Values(Meddler{"errx", "failed", "called exit", ""},
                                                          Meddler{"assert", "failed", "SIGABRT", "", true},
                                                          Meddler{"pthread_exit", "failed",
                                                                  "called pthread_exit", ""},
                                                          Meddler{"fork", "ran", "", "child ended\n"})),
                         title);

// Before: status 9, and no record; the cleanup was said to have crashed with SIGSEGV. At an orderly end a
// signal from outside kills as it kills a program in its exit handlers.
INSTANTIATE_TEST_SUITE_P(AtUnderscoreExitBy, Meddling,
                         testing::Combine(testing::Values("_exit"),
                                          testing::Values(Meddler{"segv", "ran", "", "sent\n"})),
                         title);

using MeddledWith = PreloadTest;

// Before: it hung, the thread having been cancelled inside _exit.
TEST_F(MeddledWith, ByACancellationItIsDoneAllTheSame) {
  const Outcome end = recorded({.argv = {program("exits_while_cancelled")},
                                .env = {{"AXSHIM_CLEANUP", "call:cleanup_cancels"}},
                                .deadline = std::chrono::seconds(10)});
  EXPECT_EQ(end.status, exited(3)) << describe(end.status);
  EXPECT_EQ(end.out, "cleaned\n");
  EXPECT_THAT(outcomes(only_record(log())), ElementsAre("call:cleanup_cancels: ran"));
}

// Before: it hung.
TEST_F(MeddledWith, WhereAllSignalsAreWatchedItTimesOut) {
  const Outcome end = recorded(
      {.argv = {program("has_cleanups"), "_exit"},
       .env = {{"AXSHIM_CLEANUP", "bad=call:cleanup_hangs @timeout=200ms"}, {"AXSHIM_SIGNALS", "all"}},
       .deadline = std::chrono::seconds(10)});
  EXPECT_EQ(end.status, exited(8)) << describe(end.status);
  EXPECT_THAT(outcomes(only_record(log())), ElementsAre("bad: timed-out"));
}

// Seen to fail (SIGSEGV) with a FaultGuard that has no SA_ONSTACK.
TEST_F(MeddledWith, ByAStackOverflowItCostsOnlyThat) {
  const Outcome end = recorded({.argv = {program("overflows_in_cleanup")},
                                .env = {{"AXSHIM_CLEANUP", "safe=sh:true;bad=call:overflow"}}});
  EXPECT_EQ(end.status, exited(3)) << describe(end.status);
  EXPECT_THAT(outcomes(only_record(log())), ElementsAre("bad: failed", "safe: ran"));
}

// A fault of another thread is not the cleanup's: the program's handler gets it and, where it has none and
// nobody watches, it kills. Seen to fail (timed-out; then exit status 3) with on_fault() that returns.
TEST_F(MeddledWith, ByAnotherThreadsFaultItIsLeftToTheProgram) {
  Command command{.argv = {program("thread_faults_in_cleanup"), "repairs"},
                  .env = {{"AXSHIM_CLEANUP", "waits=call:waits_for_thread"},
                          {"AXSHIM_TIMEOUT", "3s"},
                          {"AXSHIM_SIGNALS", "none"}}};
  EXPECT_EQ(recorded(command).status, exited(3));
  EXPECT_THAT(outcomes(only_record(log())), ElementsAre("waits: ran"));
  command.argv.pop_back();
  EXPECT_EQ(recorded(command).status, killed(SIGSEGV));
}

// Before: it hung in the program's destructor, whose malloc waits for the lock.
TEST_F(MeddledWith, InsideMallocItIsStoppedAndTheProcessEnds) {
  const Outcome end = recorded(
      {.argv = {program("hangs_in_malloc")},
       .env = {{"AXSHIM_CLEANUP",
                "safe=sh:true;after=call:cleanup_writes;bad=call:cleanup_hangs_in_malloc @timeout=200ms"}},
       .deadline = std::chrono::seconds(10)});
  EXPECT_EQ(end.status, exited(3)) << describe(end.status);
  EXPECT_EQ(end.out, "");
  EXPECT_THAT(outcomes(only_record(log())),
              ElementsAre("bad: timed-out", "after: skipped (unsafe-after-failure)", "safe: ran"));
}

}  // namespace
}  // namespace axshim_test
