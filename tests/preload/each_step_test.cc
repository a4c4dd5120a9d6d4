// A signal may come at any instruction of the shim's: here at each of them in turn, by the processor's single
// steps, while a handler is being registered.
#include <signal.h>

#include "preload/own_cleanups.h"

namespace axshim_test {
namespace {

using testing::AnyOf;
using testing::Each;
using testing::ElementsAre;

#if defined(__x86_64__)

class AtEachStep : public PreloadTest, public testing::WithParamInterface<const char *> {};

// What is not published yet is nobody's to read. Seen to fail (SIGSEGV at one step) with run_cleanups() and
// is_own() reading entries that are free, and (a handler without a name, a hang) with entries published
// before they are filled and with a lock in claim() that has_own_handlers() takes too.
TEST_P(AtEachStep, OfARegistrationTheProcessEndsAsEver) {
  const std::string cause = GetParam(), skipped = cause == "_exit" ? "forced-exit" : "not-signal-safe";
  const Command command{.argv = {program("ends_at_each_step"), cause}, .env = {{"AXSHIM_LOG", log()}}};
  const Outcome plain = bare(command), end = preloaded(command);
  EXPECT_THAT(lines(plain.out), ElementsAre(cause == "_exit"   ? "0xc00"
                                            : cause == "abort" ? "0x6"
                                                               : "0xf",
                                            "0x2100"));
  expect_same(plain, end);
  Records records = records_of(log());
  std::erase_if(records, [](const Json &record) { return record["termination"].value("status", 0) == 33; });
  EXPECT_GT(records.size(), 20U);
  std::vector<std::string> became;
  for (const Json &record : records) {
    const std::string all = Json(own_outcomes(record)).dump();
    if (became.empty() || became.back() != all) became.push_back(all);
  }
  const std::string one = "\"handler: skipped (" + skipped + ")\"";
  EXPECT_THAT(became, Each(AnyOf("[" + one + "]", "[" + one + "," + one + "]")));
}

INSTANTIATE_TEST_SUITE_P(By, AtEachStep, testing::Values("_exit", "sigterm", "abort"),
                         [](const auto &info) { return std::string(info.param); });

// exit runs what is registered all the same: where the thread that is in the middle of it comes no further,
// or (fork) is not there. The same in glibc waits for a lock for ever, so this is not compared. Seen to fail
// (a hang) where run_rest() came back for an entry that it had given up, and (SIGSEGV) with run_cleanups()
// reading it.
class ExitAtEachStep : public AtEachStep {};

TEST_P(ExitAtEachStep, OfARegistrationDoesNotWaitForIt) {
  const std::string how = GetParam();
  const Outcome end = preloaded({.argv = {program("ends_at_each_step"), how},
                                 .env = {{"AXSHIM_LOG", "none"}, {"AXSHIM_CLEANUP", "flush: @children"}}});
  EXPECT_EQ(end.status, exited(0)) << describe(end.status);
  EXPECT_THAT(lines(end.out), ElementsAre(how == "exit" ? "0xb00" : "0x500", "0x2100"));
}

INSTANTIATE_TEST_SUITE_P(By, ExitAtEachStep, testing::Values("exit", "fork"),
                         [](const auto &info) { return std::string(info.param); });

#endif

}  // namespace
}  // namespace axshim_test
