// What a program finds at its start: on its stack, and of the signals that its parent ignored.
#include <signal.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

using Stack = PreloadTest;

// Go's runtime looks for the auxiliary vector behind the environment, as the kernel lays them out. Seen to
// fail (not found, or found late) with entries taken out of the environment and what is behind it left where
// it was.
TEST_F(Stack, HasTheAuxiliaryVectorRightBehindAnEnvironmentThatIsNotFollowed) {
  Command command{.argv = {program("walks_to_auxv")}, .env = {{"AXSHIM_FOLLOW", "0"}}};
  const Outcome plain = bare({.argv = command.argv});
  EXPECT_THAT(plain.out, testing::HasSubstr("behind envp: "));
  expect_same(plain, preloaded(command));
  expect_same(plain, recorded(command));
  command.env["AXSHIM_CLEANUP"] = "unlink:lock";
  expect_same(plain, preloaded(command));
}

// Seen to fail (not found behind envp) with an environment of the shim's own as main's argument.
TEST_F(Stack, HasTheAuxiliaryVectorRightBehindAnEnvironmentWithCleanups) {
  const Command command{.argv = {program("walks_to_auxv")}, .env = {{"AXSHIM_CLEANUP", "unlink:lock"}}};
  const Outcome plain = bare({.argv = command.argv});
  expect_same(plain, preloaded(command));
  expect_same(plain, recorded(command));
}

using IgnoredSignals = PreloadTest;

// After an exec they have no flags at all, not even that for the restorer. Seen to fail (flags 4000000) with
// the restorer that came with a look at the handler.
TEST_F(IgnoredSignals, AreToldWithTheFlagsThatTheyHave) {
  const auto ignore = [] {
    for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGSEGV, SIGPIPE, SIGTERM, SIGCHLD, SIGUSR1})
      signal(number, SIG_IGN);
  };
  const Command command{.argv = {program("prints_signal_view")}, .before_exec = ignore};
  const Outcome plain = bare(command);
  EXPECT_THAT(lines(plain.out), testing::Contains("15 ignored flags 0, mask 0"));
  expect_same(plain, preloaded(command));
  expect_same(plain, recorded(command));
}

}  // namespace
}  // namespace axshim_test
