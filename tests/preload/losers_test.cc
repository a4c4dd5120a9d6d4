// Several threads of which one ends the process, or none: nobody waits for ever, and a thread is no process.
#include <sys/stat.h>
#include <unistd.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

class Losers : public PreloadTest {
 protected:
  // With a cleanup, which has to have run at the end; more than once for what is a race.
  Outcome expect_unchanged(const std::vector<std::string> &argv, int status, int runs = 1) {
    Command command{.argv = argv, .env = {{"AXSHIM_CLEANUP", "lock=unlink:" + file("lock").string()}}};
    command.deadline = std::chrono::seconds(10);
    command.argv[0] = program(argv[0]);
    make_file("lock");
    const Outcome plain = bare(command);
    EXPECT_EQ(plain.status, status) << describe(plain.status);
    Outcome end;
    for (int i = 0; i < runs && !HasFailure(); ++i) {
      std::filesystem::remove(log());
      make_file("lock");
      end = recorded(command);
      expect_same(plain, end);
    }
    EXPECT_FALSE(std::filesystem::exists(file("lock")));
    return end;
  }
};

// Before: it hung in most runs.
TEST_F(Losers, WhoseExecsFailLetAnotherEndTheProcess) {
  const Path garbage = make_file("garbage", "\1\2\3garbage");
  chmod(garbage.c_str(), 0700);
  expect_unchanged({"execs_for_ever", garbage}, exited(3), 10);
}

// Who comes second waits until the process is gone, and changes nothing. Seen to fail (its end in place of
// _exit(11)) with claim() letting it pass.
class Loser : public PreloadTest, public testing::WithParamInterface<const char *> {};

TEST_P(Loser, WaitsForTheCleanupsOfTheWinner) {
  const Outcome end = recorded({.argv = {program("loses_to_main"), GetParam()},
                                .env = {{"AXSHIM_CLEANUP", "safe=sh:true;lets=call:lets_it_end"}}});
  EXPECT_EQ(end.status, exited(11)) << describe(end.status);
  EXPECT_THAT(outcomes(only_record(log())), testing::ElementsAre("lets: ran", "safe: ran"));
}

INSTANTIATE_TEST_SUITE_P(By, Loser,
                         testing::Values("_exit", "_Exit", "abort", "sigsegv", "sigkill_self",
                                         "syscall_exit_group"),
                         [](const auto &info) { return std::string(info.param); });

// Before: it hung, waiting for a thread that was gone.
TEST_F(Losers, ThatLeaveInAnExitHandlerLetAnotherEndTheProcess) {
  expect_unchanged({"leaves_thread_in_atexit"}, exited(5));
  expect_unchanged({"leaves_thread_in_atexit", "main"}, exited(5));
}

// Before: the cleanups ran, and a death by SIGKILL was recorded, before the call failed.
TEST_F(Losers, OfOtherProcessesAreNotKilled) {
  EXPECT_EQ(expect_unchanged({"kills_no_thread", file("lock")}, exited(5)).out, "-1, errno 3, there\n");
  EXPECT_EQ(only_record(log())["termination"].value("kind", ""), "return");
}

// Before: the process ended, with status 0 in place of 4.
TEST_F(Losers, ThatEndByARawExitEndNoProcessWhereProcIsMissing) {
  if (geteuid() != 0) GTEST_SKIP() << "may not chroot";
  create_directory(file("root"));
  const Command command{.argv = {program("ends_thread_raw"), file("root")}};
  const Outcome plain = bare(command), end = preloaded(command);
  EXPECT_EQ(plain.status, exited(4)) << describe(plain.status);
  expect_same(plain, end);
}

}  // namespace
}  // namespace axshim_test
