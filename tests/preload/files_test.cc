// Temporary files and pid files of axshim.hpp: gone at every end, and nothing else with them.
#include <unistd.h>

#include "preload/api_ends.h"

namespace axshim_test {
namespace {

using testing::ElementsAre;

class Files : public AtEachEnd {};

// But for exec, which the files outlive: their names may have been handed on.
TEST_P(Files, ThatAreTemporaryAreGone) {
  const Path temporary = file("temporary"), outside = file("outside");
  std::filesystem::create_directory(temporary), std::filesystem::create_directory(outside);
  make_file("outside/file", "kept");
  const Outcome outcome =
      run({.argv = {program("has_temp_files"), end().word, outside}, .env = {{"TMPDIR", temporary}}});
  EXPECT_EQ(outcome.out, "1 1 0\n");
  EXPECT_EQ(std::filesystem::is_empty(temporary), runs_signal_safe());
  EXPECT_EQ(read_file(outside / "file"), "kept");
}

TEST_P(Files, WithThePidAreGone) {
  const Path pidfile = make_file("pid", "999999999 of a process that is gone\n");
  const Outcome outcome = run({.argv = {program("keeps_a_pidfile"), pidfile, end().word}});
  EXPECT_EQ(outcome.out, "pid\n");
  EXPECT_EQ(std::filesystem::exists(pidfile), !runs_signal_safe());
}

INSTANTIATE_TEST_SUITE_P(At, Files, each_end(), title_of_end);

// What the grammar of declared cleanups gives a meaning to.
class TemporaryFiles : public PreloadTest, public testing::WithParamInterface<const char *> {};

TEST_P(TemporaryFiles, MayLieInDirectoriesWithAnyName) {
  const Path temporary = dir() / GetParam(), outside = dir();
  std::filesystem::create_directory(temporary);
  const Command command{.argv = {program("has_temp_files"), "exit", outside}, .env = {{"TMPDIR", temporary}}};
  for (const Outcome &outcome : {preloaded(command), bare(command)}) {
    EXPECT_EQ(outcome.status, exited(11)) << describe(outcome.status) << outcome.err;
    EXPECT_TRUE(std::filesystem::is_empty(temporary));
  }
}

INSTANTIATE_TEST_SUITE_P(Named, TemporaryFiles,
                         testing::Values("a b", " a ", "a @orderly", "a;b", "a=b", "a:b", "'a'", "\"a",
                                         "a\\b", "a\\", "a\nb", "100%p", "a\tb", "\xff"));

class Streams : public PreloadTest {};

TEST_F(Streams, GoOnWhereTheyAreFlushedMidway) {
  const Command command{.argv = {program("flushes_midway")}, .cwd = dir()};
  for (const bool is_preloaded : {false, true}) {
    const Outcome outcome = is_preloaded ? preloaded(command) : bare(command);
    EXPECT_EQ(outcome.status, exited(0)) << describe(outcome.status);
    EXPECT_EQ(outcome.err, "");
    EXPECT_EQ(read_file(file("file")), "two two threetwo three");
  }
}

class Pidfile : public PreloadTest {
 protected:
  Command keeping(const std::string &how) const {
    return {.argv = {program("keeps_a_pidfile"), file("pid"), how}};
  }
};

TEST_F(Pidfile, IsForOneProcessAtATimeAndSaysWhose) {
  Command first = keeping("ready");
  Outcome second, third;
  pid_t owner = 0;
  first.interact = [&](pid_t pid) {
    owner = pid;
    second = preloaded(keeping("return"));
    third = bare(keeping("return"));
    kill(pid, SIGKILL);
  };
  EXPECT_EQ(preloaded(first).status, killed(SIGKILL));
  const std::string answer = "already running as process " + std::to_string(owner) + "\n";
  EXPECT_EQ(second.status, exited(4));
  EXPECT_EQ(second.out, answer);
  EXPECT_EQ(third.out, answer);
  EXPECT_EQ(read_file(file("pid")), std::to_string(owner) + "\n");
  EXPECT_EQ(preloaded(keeping("return")).out, "pid\n");  // what SIGKILL left is taken over
  EXPECT_FALSE(std::filesystem::exists(file("pid")));
}

TEST_F(Pidfile, IsTakenOnceByOneProcess) {
  for (const Outcome &outcome : {preloaded(keeping("again")), bare(keeping("again"))}) {
    EXPECT_EQ(outcome.status, exited(4));
    EXPECT_EQ(outcome.out, "pid\nby itself\n");
  }
}

TEST_F(Pidfile, IsNotAForkChilds) {
  for (const Outcome &outcome : {preloaded(keeping("child")), bare(keeping("child"))})
    EXPECT_EQ(outcome.out,
              "pid\nalready running as process " + std::to_string(outcome.pid) + "\nstill there\n");
}

TEST_F(Pidfile, FollowsNoLink) {
  std::filesystem::create_symlink(make_file("victim", "kept"), file("pid"));
  EXPECT_THAT(bare(keeping("return")).status, killed(SIGABRT));  // nobody catches the std::system_error
  EXPECT_EQ(read_file(file("victim")), "kept");
}

}  // namespace
}  // namespace axshim_test
