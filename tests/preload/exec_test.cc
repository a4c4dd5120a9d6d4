// Exec: the image is replaced, the process and its declared cleanups stay.
#include "preload/harness.h"

namespace axshim_test {
namespace {

class Exec : public PreloadTest, public testing::WithParamInterface<const char *> {};

TEST_P(Exec, LooksTheSameFromOutside) {
  const Command command{.argv = {program("calls_exec"), GetParam()}};
  const Outcome end = recorded(command);
  EXPECT_EQ(end.status, exited(1));
  expect_same(bare(command), end);
}

TEST_P(Exec, IsRecordedWithItsPathAndFollowedByTheNewImage) {
  const Outcome end = recorded({.argv = {program("calls_exec"), GetParam()}});
  const Records records = records_of(log());
  ASSERT_EQ(records.size(), 2U) << Json(records).dump(2);
  EXPECT_EQ(records[0]["termination"].value("kind", ""), "exec");
  EXPECT_THAT(records[0]["termination"].value("path", ""), testing::EndsWith("false"));
  EXPECT_EQ(records[0]["pid"], end.pid);
  EXPECT_EQ(records[1]["pid"], end.pid);
  EXPECT_EQ(records[1]["termination"].value("status", -1), 1);
}

TEST_P(Exec, PassesTheDeclaredCleanupsOnToTheNewImage) {
  const Path lock = make_file("lock");
  const std::string entry = "unlink:" + lock.string();
  recorded({.argv = {program("calls_exec"), GetParam()}, .env = {{"AXSHIM_CLEANUP", entry}}});
  EXPECT_FALSE(std::filesystem::exists(lock));
  const Records records = records_of(log());
  ASSERT_EQ(records.size(), 2U) << Json(records).dump(2);
  EXPECT_THAT(outcomes(records[0]), testing::Not(testing::Contains(entry + ": ran")));
  EXPECT_THAT(outcomes(records[1]), testing::Contains(entry + ": ran"));
}

INSTANTIATE_TEST_SUITE_P(By, Exec,
                         testing::Values("execl", "execle", "execlp", "execv", "execve", "execvp", "execvpe",
                                         "fexecve", "execveat"),
                         [](const auto &info) { return std::string(info.param); });

using ExecdChild = PreloadTest;

// Seen to fail (no record of the exec) with an empty path where PATH is not set.
TEST_F(ExecdChild, IsLookedForInTheDefaultPathWhereThereIsNone) {
  recorded({.argv = {"/usr/bin/env", "-u", "PATH", program("calls_exec"), "execvp"},
            .env = {{"AXSHIM_PROGRAMS", "calls_exec"}}});
  EXPECT_EQ(only_record(log())["termination"].value("path", ""), "/bin/false");
}

class ExecWith : public PreloadTest {
 protected:
  // What the record of the exec says of a cleanup, where that is the new image's environment.
  std::vector<std::string> outcomes_with(const std::vector<std::string> &environment) {
    std::filesystem::remove(log());
    Command command{.argv = {program("execs_with")}, .env = {{"AXSHIM_CLEANUP", "lock=unlink:lock"}}};
    command.argv.insert(command.argv.end(), environment.begin(), environment.end());
    EXPECT_EQ(recorded(command).status, exited(0));
    const Records records = records_of(log());
    return records.empty() ? std::vector<std::string>{"no record"} : outcomes(records[0]);
  }
};

// A cleanup stays with the process only if the new image hears of it. Seen to fail (nothing said) without
// declares_cleanups(), and without the look for the preload in it.
TEST_F(ExecWith, AnotherEnvironmentSkipsTheCleanups) {
  const std::string preload = "LD_PRELOAD=" + library().string(), entry = "AXSHIM_CLEANUP=lock=unlink:lock";
  const std::vector<std::string> skipped = {"lock: skipped (exec)"};
  EXPECT_EQ(outcomes_with({}), skipped);
  EXPECT_EQ(outcomes_with({entry}), skipped);
  EXPECT_EQ(outcomes_with({entry, "LD_PRELOAD=/nonexistent/libaxshim2.so"}), skipped);
  EXPECT_EQ(outcomes_with({preload}), skipped);
  EXPECT_THAT(outcomes_with({preload, entry}), testing::IsEmpty());
}

TEST_F(ExecdChild, DoesNotRunTheCleanupsOfItsParent) {
  const Path lock = make_file("lock");
  const Outcome end = recorded({.argv = {"/bin/sh", "-c", "/bin/false; test -e \"$0\" && echo there", lock},
                                .env = {{"AXSHIM_CLEANUP", "unlink:" + lock.string()}}});
  EXPECT_EQ(end.out, "there\n");
  EXPECT_FALSE(std::filesystem::exists(lock));
}

TEST_F(ExecdChild, HasARecordOfItsOwn) {
  recorded({.argv = {program("exec_in_child"), "/bin/false"}});
  Records records = records_of(log());
  ASSERT_EQ(records.size(), 3U) << "the child's exec, its end, and the parent's";
  EXPECT_EQ(records[0]["termination"].value("kind", ""), "exec");
  EXPECT_EQ(records[0]["pid"], records[1]["pid"]);
  EXPECT_NE(records[1]["pid"], records[2]["pid"]);
}

}  // namespace
}  // namespace axshim_test
