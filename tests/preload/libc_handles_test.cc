// Programs that ask libc past the shim: what they get of the shim's they can use.
#include <signal.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

using LibcItself = PreloadTest;

// Seen to fail (a handler in place of SIG_DFL; SIGSEGV when it was called) without the name __sigaction.
TEST_F(LibcItself, TellsOfSigDflByItsOtherName) {
  const Command command{.argv = {program("asks_libc_itself")}};
  const Outcome plain = bare(command);
  EXPECT_EQ(plain.status, killed(SIGTERM)) << describe(plain.status);
  expect_same(plain, recorded(command));
  EXPECT_EQ(only_record(log())["termination"].value("signal", ""), "SIGTERM");
}

}  // namespace
}  // namespace axshim_test
