// Signals that were blocked and pending when the end began are so to the last.
#include <sys/stat.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

class Pending : public PreloadTest, public testing::WithParamInterface<const char *> {};

// The shim takes faults of its own code, and stops what takes too long by a realtime signal. Seen to fail
// (killed by SIGSEGV at each end) where it lets all faults in for that.
TEST_P(Pending, FaultsStaySo) {
  chmod(make_file("garbage", "\1\2\3garbage").c_str(), 0700);
  const Command command{.argv = {program("keeps_faults_pending"), GetParam()},
                        .env = {{"AXSHIM_CLEANUP", "unlink:lock;sh:true;flush:"}},
                        .cwd = dir()};
  const Outcome plain = bare(command), end = recorded(command);
  expect_same(plain, end);
  EXPECT_TRUE(exists(log()));
}

INSTANTIATE_TEST_SUITE_P(At, Pending,
                         testing::Values("return", "exit", "_exit", "quick_exit", "exec", "garbage"),
                         [](const auto &info) { return std::string(info.param); });

}  // namespace
}  // namespace axshim_test
