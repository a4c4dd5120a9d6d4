// Programs that have a use for faults: the shim steps aside, and is there again when they give the signal
// back.
#include <signal.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

using testing::ElementsAre;

// Seen to fail with sigaction() that keeps such a handler out (SIGSEGV at once), and (no record) with the
// kernel's own SIG_DFL when it is given back: by sigaction, and by signal.
class OwnFault : public PreloadTest, public testing::WithParamInterface<const char *> {};

TEST_P(OwnFault, IsTheProgramsUntilItGivesTheSignalBack) {
  const Command command{.argv = {program("owns_its_faults"), GetParam()},
                        .env = {{"AXSHIM_CLEANUP", "lock=unlink:lock"}},
                        .core = RLIM_INFINITY};
  const Outcome plain = bare(command), end = recorded(command);
  EXPECT_EQ(WTERMSIG(plain.status), SIGSEGV) << describe(plain.status);
  EXPECT_THAT(lines(plain.out), ElementsAre("fatal"));
  expect_same(plain, end);
  const Json record = only_record(log());
  const bool again = std::string(GetParam()) == "returns";
  EXPECT_EQ(record["termination"].value("code", ""), again ? "SEGV_MAPERR" : "SI_TKILL");
  EXPECT_EQ(record["termination"].value("address", "none"), again ? "0x8" : "none");
  EXPECT_THAT(outcomes(record), ElementsAre("lock: ran"));
}

INSTANTIATE_TEST_SUITE_P(By, OwnFault, testing::Values("returns", "raise", "signal"),
                         [](const auto &info) { return std::string(info.param); });

using FaultHandler = PreloadTest;

// It prints where Python was, gives the signal back and raises it.
TEST_F(FaultHandler, OfPythonIsFollowed) {
  const std::string python = "/usr/bin/python3";
  if (!std::filesystem::exists(python)) GTEST_SKIP() << "no " << python;
  const Command command{.argv = {python, "-X", "faulthandler", "-c", "import ctypes; ctypes.string_at(8)"}};
  const Outcome plain = bare(command), end = recorded(command);
  EXPECT_EQ(plain.status, killed(SIGSEGV)) << describe(plain.status);
  EXPECT_EQ(end.status, plain.status) << describe(end.status);
  for (const Outcome &each : {plain, end})
    EXPECT_THAT(each.err, testing::HasSubstr("Fatal Python error: Segm"));
  EXPECT_EQ(only_record(log())["termination"].value("signal", ""), "SIGSEGV");
}

}  // namespace
}  // namespace axshim_test
