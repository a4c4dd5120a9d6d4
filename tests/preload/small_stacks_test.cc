// A coroutine may have a stack of a single page, and calls what it likes on it: nothing of the shim's is big
// before it has left that stack.
#include <stdlib.h>
#include <sys/stat.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

class SmallStack : public PreloadTest, public testing::WithParamInterface<const char *> {
 protected:
  // Bound early, for the loader itself takes three quarters of a page; an exec that is sure to fail late.
  Command command(std::vector<std::string> arguments) const {
    Command command{.argv = {program("calls_on_a_page")}, .env = {{"LD_BIND_NOW", "1"}}, .cwd = dir()};
    command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
    chmod(make_file("broken", "#!/none\n").c_str(), 0700);
    return command;
  }
  void expect_unchanged(Command command) {
    const Outcome plain = bare(command);
    command.env["AXSHIM_LOG"] = log();
    expect_same(plain, preloaded(command));
    expect_same(plain, recorded(command));
    command.env["AXSHIM_DIR"] = dir();
    expect_same(plain, recorded(command));
  }
};

// Seen to fail (SIGSEGV) for each exec with a path on that stack, execv_in_vain also with the log's name
// there, declare with the working directory or with what unlink needs.
TEST_P(SmallStack, IsRoomEnough) { expect_unchanged(command({GetParam()})); }

// What a child has to do first, a journal of its own above all.
TEST_P(SmallStack, IsRoomEnoughInAForkChild) { expect_unchanged(command({GetParam(), "in a child"})); }

INSTANTIATE_TEST_SUITE_P(For, SmallStack,
                         testing::Values("exit", "_exit", "quick_exit", "abort", "raise", "SIGKILL", "fault",
                                         "exit_group", "execv", "execvp", "execlp", "fexecve",
                                         "execv_in_vain", "setsid", "daemon", "thread", "signal", "register",
                                         "declare"),
                         [](const auto &info) { return std::string(info.param); });

}  // namespace
}  // namespace axshim_test
