// Threads: each has a stack for signals, and leaves as it likes; one end of the process wins over all others.
#include <signal.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::ElementsAre;

class Threads : public PreloadTest {
 protected:
  Command command(const std::vector<std::string> &argv) const {
    Command command{.argv = argv, .env = {{"AXSHIM_CLEANUP", "count=sh:echo $AXSHIM_KIND >> count"}}};
    command.argv[0] = program(command.argv[0]);
    return command;
  }
  // Same as bare, and the cleanup ran once, at an end of that kind.
  void expect_unchanged(const Command &command, const std::string &kind) {
    std::filesystem::remove(log());
    const Outcome plain = bare(command), end = recorded(command);
    expect_same(plain, end);
    EXPECT_EQ(read_file(end.cwd / "count"), kind + "\n");
    EXPECT_EQ(only_record(log())["termination"].value("kind", ""), kind);
  }
};

// Without an alternate stack in each thread nothing can run there. Seen to fail (no record) with
// pthread_create passed straight through.
TEST_F(Threads, StackOverflowInAThreadHasARecord) {
  const Outcome end = recorded(command({"overflows_stack", "thread"}));
  EXPECT_EQ(end.status, killed(SIGSEGV));
  const Json record = only_record(log());
  EXPECT_NE(record["termination"]["thread"].value("tid", end.pid), end.pid);
  EXPECT_THAT(outcomes(record), ElementsAre("count: ran"));
}

TEST_F(Threads, AreStartedAsEver) {
  for (const char *attributes : {"default", "detached", "tiny"}) {
    SCOPED_TRACE(attributes);
    expect_unchanged(command({"starts_threads", attributes}), "return");
  }
}

TEST_F(Threads, AThousandAtOnceDieTogether) { expect_unchanged(command({"holds_1000_threads"}), "signal"); }

// The wrappers of main and of thread starts must not be noexcept, or such a thread aborts. Not
// seen to fail: noexcept alone does nothing while the shim is built with -fno-exceptions.
class Leaving : public Threads, public testing::WithParamInterface<const char *> {};

TEST_P(Leaving, AThreadUnwindsIt) { expect_unchanged(command({"leaves_thread", GetParam()}), "return"); }

TEST_P(Leaving, MainUnwindsItAndTheLastThreadEndsTheProcess) {
  expect_unchanged(command({"leaves_thread", GetParam(), "main"}), "exit");
}

INSTANTIATE_TEST_SUITE_P(By, Leaving, testing::Values("pthread_exit", "cancel"),
                         [](const auto &info) { return std::string(info.param); });

// A forced end takes an orderly one over, from any thread. Seen to hang with claim() waiting for
// that too.
TEST_F(Threads, OneThatEndsTheProcessDoesNotWaitForAHandlerOfAnother) {
  for (const char *how : {"_exit", "abort", "segv"}) {
    SCOPED_TRACE(how);
    const auto begin = steady_clock::now();
    expect_unchanged(command({"exits_while_a_handler_spins", how}), *how == 's' ? "signal" : how);
    EXPECT_LT(steady_clock::now() - begin, seconds(10));
  }
}

// Undefined before glibc 2.41; here who comes to the last handler wins, and the other waits. Seen to fail
// (cleanup twice, or a crash) with claim() letting the loser pass.
TEST_F(Threads, ThatBothCallExitEndTheProcessOnce) {
  for (int i = 0; i < 20; ++i) {
    std::filesystem::remove(log());
    const Outcome end = recorded(command({"exits_twice"}));
    ASSERT_EQ(end.status, exited(6)) << describe(end.status);
    EXPECT_EQ(read_file(end.cwd / "count"), "exit\n");
    // The one that finds nothing more to do may end the process while the other is in its handler, as with
    // glibc.
    const std::vector<std::string> became = outcomes(only_record(log()));
    if (became == std::vector<std::string>{"say: interrupted", "count: ran"}) continue;
    EXPECT_THAT(became, ElementsAre("say: ran", "count: ran"));
    EXPECT_EQ(end.out, "handler\n");
  }
}

}  // namespace
}  // namespace axshim_test
