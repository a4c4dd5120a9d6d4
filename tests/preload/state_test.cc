// What a program has in hand while it calls a function that is hooked: errno, floating point flags, an
// exception.
#include <sys/stat.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

using State = PreloadTest;

// Seen to fail with a system call of the shim's that sets errno, also in exec_failed() where that has no
// ErrnoGuard, and with a division in ensure_loaded(), and in run() of a handler (flags 1fa0).
TEST_F(State, OfTheProgramIsAsFound) {
  const Path garbage = make_file("garbage", "\1\2\3garbage");
  chmod(garbage.c_str(), 0700);
  const Command command{.argv = {program("keeps_its_state"), garbage}, .env = {{"AXSHIM_CLEANUP", "flush:"}}};
  const Outcome plain = bare(command), end = recorded(command);
  EXPECT_EQ(plain.status, exited(0));
  EXPECT_THAT(lines(plain.out).back(), testing::StartsWith("handler: 0, errno 78, flags "));
  expect_same(plain, end);
}

// Seen to fail (errno 18) without the ErrnoGuard in on_fatal_signal(), and a getpid of the shim's that sets
// errno.
TEST_F(State, OfAThreadThatASignalReachesDuringExitIsAsFound) {
  const Outcome end = recorded({.argv = {program("spins_while_exiting")},
                                .env = {{"AXSHIM_GRACEFUL", "TERM"}, {"AXSHIM_BUDGET", "10s"}}});
  EXPECT_EQ(end.out, "errno 77\n");
  EXPECT_EQ(only_record(log())["termination"].value("graceful", false), true);
}

}  // namespace
}  // namespace axshim_test
