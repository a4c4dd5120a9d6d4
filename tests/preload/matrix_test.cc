// {every cause} x {every context}: each looks the same from outside, and the owner's cleanup runs when the
// owner, the first process, ends: never because a child of its does.
#include <algorithm>

#include "preload/harness.h"

namespace axshim_test {
namespace {

struct Word {
  const char *argument, *title;
};

constexpr Word kCauses[] = {{"return", "Return"},
                            {"exit", "Exit"},
                            {"_exit", "UnderscoreExit"},
                            {"_Exit", "UnderscoreCapitalExit"},
                            {"quick_exit", "QuickExit"},
                            {"abort", "Abort"},
                            {"sigterm", "Sigterm"},
                            {"sigsegv", "Sigsegv"},
                            {"sigkill_self", "SigkillOfItsOwn"},
                            {"execve", "Exec"},
                            {"exec_fails", "UnderscoreExitAfterAFailedExec"},
                            {"syscall_exit_group", "SyscallExitGroup"}};

constexpr Word kContexts[] = {{"main_thread", "InTheMainThread"},
                              {"other_thread", "InAnotherThread"},
                              {"fork_child", "InAForkChild"},
                              {"vfork_child", "InAVforkChild"},
                              {"signal_handler", "InASignalHandler"}};

struct Ending {
  Word cause, context;
};

void PrintTo(const Ending &ending, std::ostream *out) { *out << ending.cause.title << ending.context.title; }

// Left out: a return from a thread or a handler ends no process; and of the orderly ends POSIX gives a vfork
// child none (its exit handlers would be its parent's).
bool makes_sense(const Ending &ending) {
  const std::string cause = ending.cause.argument, context = ending.context.argument;
  if (cause == "return") return context == "main_thread" || context == "fork_child";
  if (cause == "exit" || cause == "quick_exit") return context != "vfork_child";
  return true;
}

std::vector<Ending> endings() {
  std::vector<Ending> result;
  for (const Word &context : kContexts) {
    for (const Word &cause : kCauses) result.push_back({cause, context});
  }
  std::erase_if(result, [](const Ending &ending) { return !makes_sense(ending); });
  return result;
}

class Matrix : public PreloadTest, public testing::WithParamInterface<Ending> {
 protected:
  Command command(const Path &file) const {
    return {.argv = {program("ends"), GetParam().context.argument, GetParam().cause.argument, file},
            .env = {{"AXSHIM_CLEANUP", "unlink:" + file.string()}, {"AXSHIM_LOG", log()}}};
  }
};

TEST_P(Matrix, LooksTheSameFromOutside) {
  const Path file = make_file("lock");
  const Outcome plain = bare(command(file));
  ASSERT_TRUE(std::filesystem::exists(file));
  // The program itself looks whether the file is still there once its child is gone, and prints that.
  expect_same(plain, preloaded(command(file)));
}

TEST_P(Matrix, RunsTheCleanupOfTheFirstProcess) {
  const Path file = make_file("lock");
  preloaded(command(file));
  EXPECT_FALSE(std::filesystem::exists(file));
}

INSTANTIATE_TEST_SUITE_P(Of, Matrix, testing::ValuesIn(endings()), [](const auto &info) {
  return std::string(info.param.cause.title) + info.param.context.title;
});

}  // namespace
}  // namespace axshim_test
