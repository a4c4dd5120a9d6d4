// What holds of axshim.h whoever calls it: threads, signal handlers, fork children, libraries, programs
// without memory, and programs that another compiler built.
#include <stdlib.h>

#include "preload/own_cleanups.h"

namespace axshim_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ApiRegistry : public PreloadTest {};

TEST_F(ApiRegistry, LosesNothingBetweenThreads) {
  const Command command{.argv = {program("registers_from_threads")}};
  EXPECT_EQ(bare(command).out, "400 left, 400 ran, 0 failed\n");
  EXPECT_EQ(preloaded(command).out, "400 left, 400 ran, 0 failed\n");
}

TEST_F(ApiRegistry, LosesNothingBetweenAThreadAndItsSignalHandler) {
  EXPECT_EQ(preloaded({.argv = {program("registers_in_a_handler")}}).out,
            "1000 left, 0 failed, run: 0, 1000 ran\n");
}

// Each process ends with what is its own, bare too.
TEST_F(ApiRegistry, IsEachProcesssOwn) {
  const Command command{.argv = {program("forks_with_cleanups"), "return"}};
  const std::vector<std::string> expected = {"child: 2",  "child: of the child", "child: for all",
                                             "parent: 3", "parent: for all",     "parent: own"};
  const Outcome plain = bare(command);
  EXPECT_EQ(lines(plain.out), expected);
  EXPECT_EQ(read_file(plain.cwd / "out"), "gone\n");
  const Outcome end = recorded(command);
  EXPECT_EQ(end.err, "");
  EXPECT_EQ(lines(end.out), expected);
  EXPECT_EQ(read_file(end.cwd / "out"), "gone\n");
  EXPECT_EQ(lines(preloaded({.argv = {program("forks_with_cleanups"), "_exit"}}).out), expected);
}

// Seen to fail (the parent removes it) where only entries of the environment are shared with fork children.
TEST_F(ApiRegistry, PassesWhatIsADaemonsToTheDaemon) {
  const Outcome end = recorded({.argv = {program("declares_and_calls_daemon")}});
  EXPECT_EQ(end.status, exited(0));
  EXPECT_EQ(end.out, "the file is there\n");
  EXPECT_FALSE(exists(end.cwd / "pid"));
}

TEST_F(ApiRegistry, SkipsAllAtExec) {
  recorded({.argv = {program("registers_by_api"), "execve"}, .env = {{"AXSHIM_PROGRAMS", "registers_*"}}});
  EXPECT_THAT(own_outcomes(only_record(log())), testing::Each(HasSubstr("skipped (exec)")));
}

TEST_F(ApiRegistry, LosesNothingAtAnExecThatFails) {
  const Outcome end = recorded({.argv = {program("registers_by_api"), "exec_fails"}});
  EXPECT_EQ(lines(end.out), (std::vector<std::string>{"forced", "safe", "first"}));
}

TEST_F(ApiRegistry, SaysThatThereIsNoMemory) {
  const Command command{.argv = {program("registers_until_full")},
                        .limits = {{RLIMIT_AS, 128 << 20}, {RLIMIT_STACK, 1 << 20}}};
  for (const Outcome &end : {bare(command), preloaded(command)}) {
    EXPECT_EQ(end.status, exited(0));
    EXPECT_EQ(end.out, "no memory\nno memory\ncounted\nall ran\n");
  }
}

// What a library registers belongs to it.
TEST_F(ApiRegistry, RunsThoseOfALibraryWhenItIsUnloaded) {
  const Path library = file("plugin.so");
  const std::string source = (source_dir() / "tests/libraries/registers_by_api.c").string();
  const std::string include = (source_dir() / "include").string();
  ASSERT_EQ(system(("cc -shared -fPIC -I" + include + " -o " + library.string() + " " + source).c_str()), 0);
  for (const char *when : {"close", "keep"}) {
    const Command command{.argv = {program("loads_library"), library, when, "exit"}};
    const Outcome plain = bare(command);
    EXPECT_THAT(lines(plain.out), *when == 'c' ? ElementsAre("of the library", "main ends", "of_program")
                                               : ElementsAre("main ends", "of_program", "of the library"));
    expect_same(plain, preloaded(command));
  }
}

class ApiCompiled : public PreloadTest, public testing::WithParamInterface<const char *> {};

TEST_P(ApiCompiled, AnswersTheSame) {
  const std::string source = (source_dir() / "tests/programs/asks_the_api.c").string();
  const std::string include = " -I" + (source_dir() / "include").string();
  const Path built = file("built");
  ASSERT_EQ(system((GetParam() + include + " -o " + built.string() + " " + source).c_str()), 0);
  const Outcome plain = bare({.argv = {program("asks_the_api")}});
  expect_same(plain, bare({.argv = {built}}));
  expect_same(plain, preloaded({.argv = {built}}));
}

INSTANTIATE_TEST_SUITE_P(By, ApiCompiled,
                         testing::Values("gcc -std=c11 -pedantic -Wall -Wextra -Wconversion -Wshadow -Werror",
                                         "gcc -O2 -no-pie", "gcc -static", "gcc -static-pie",
                                         "clang -std=c11 -pedantic -Wall -Wextra -Werror",
                                         "clang -O2 -fPIE -pie", "clang -static"),
                         [](const auto &info) {
                           std::string name;
                           for (const char c : std::string(info.param))
                             if (isalnum(c) != 0) name += c;
                           return name;
                         });

}  // namespace
}  // namespace axshim_test
