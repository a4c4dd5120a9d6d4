// Programs that ask libc past the shim: what they get of the shim's they can use.
#include <signal.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

class LibcItself : public PreloadTest, public testing::WithParamInterface<const char *> {};

// Seen to fail (a handler in place of SIG_DFL; SIGSEGV when it was called) without the name __sigaction, and
// with a handler that takes its three arguments on trust.
TEST_P(LibcItself, GivesAHandlerThatKillsAsSigDflDoes) {
  const Command command{.argv = {program("asks_libc_itself"), GetParam()}};
  const Outcome plain = bare(command);
  EXPECT_EQ(plain.status, killed(SIGTERM)) << describe(plain.status);
  expect_same(plain, recorded(command));
  EXPECT_EQ(only_record(log())["termination"].value("signal", ""), "SIGTERM");
}

INSTANTIATE_TEST_SUITE_P(By, LibcItself, testing::Values("__sigaction", "handle"),
                         [](const auto &info) { return std::string(info.param); });

}  // namespace
}  // namespace axshim_test
