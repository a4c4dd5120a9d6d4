// Whose an entry marked @daemon is: that of the child that starts a session; when a parent leaves, its
// child's, if that may become the daemon; else the parent's own.
#include <signal.h>
#include <sys/stat.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

struct Leaving {
  std::string title;
  std::vector<std::string> argv;
  bool is_parents;
};

void PrintTo(const Leaving &leaving, std::ostream *out) { *out << leaving.title; }

class DaemonEntry : public PreloadTest, public testing::WithParamInterface<Leaving> {};

// Seen to fail: ...OfAWaitingParent without become_daemon_owner() in setsid(), LeaderOf... without the look
// at what setsid returns, ThatExecs... without :daemon in AXSHIM_OWNER, Stays without take_daemon_entries(),
// Execs without leave_family(), Fails without join_family() in exec_failed(), AndAnother... without
// has_live_children_only(), and
// ...OfAFailure, ...OfASignal without the looks at how the parent ended.
TEST_P(DaemonEntry, RunsOnceInOneProcess) {
  Command command{.argv = GetParam().argv,
                  .env = {{"AXSHIM_CLEANUP", "count=sh:echo $AXSHIM_PID >> count @daemon"}}};
  const Path garbage = make_file("garbage", "\1\2\3garbage");
  chmod(garbage.c_str(), 0700);
  command.argv[0] = program(command.argv[0]);
  if (command.argv.size() == 3) command.argv.push_back(garbage);  // to exec in vain
  const Outcome plain = bare(command), end = recorded(command);
  expect_same(plain, end);
  const std::vector<std::string> pids = lines(read_file(end.cwd / "count"));
  ASSERT_EQ(pids.size(), 1U) << read_file(log());
  EXPECT_EQ(pids[0] == std::to_string(end.pid), GetParam().is_parents) << read_file(log());
}

INSTANTIATE_TEST_SUITE_P(
    Of, DaemonEntry,
    testing::Values(Leaving{"Daemon", {"leaves_a_child", "daemon", "0"}, false},
                    Leaving{"DaemonOfAWaitingParent", {"waits_for_daemon"}, false},
                    Leaving{"LeaderOfAGroup", {"waits_for_daemon", "leader"}, true},
                    Leaving{"DaemonThatExecs", {"waits_for_daemon", "execs"}, false},
                    Leaving{"ChildThatStays", {"leaves_a_child", "stays", "0"}, false},
                    Leaving{"ChildThatStaysOfAFailure", {"leaves_a_child", "stays", "1"}, true},
                    Leaving{"ChildThatStaysOfASignal", {"leaves_a_child", "stays", "-15"}, true},
                    Leaving{"ChildThatExecs", {"leaves_a_child", "execs", "0"}, true},
                    Leaving{"ChildThatFailsToExec", {"leaves_a_child", "fails", "0"}, false},
                    Leaving{"ChildAndAnotherThatEnded", {"leaves_a_child", "ended", "0"}, true}),
    [](const auto &info) { return info.param.title; });

}  // namespace
}  // namespace axshim_test
