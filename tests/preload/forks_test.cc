// Children: what a fork, a vfork, a spawn makes of the shim's state, in the child and in its parent.
#include <signal.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class Fork : public PreloadTest {
 protected:
  // The cleanup leaves a line each time that it runs, with what ended its process.
  static constexpr const char *kCleanup = "count=sh:echo $AXSHIM_KIND >> count";
  Command command(const std::vector<std::string> &argv, const std::string &entry = kCleanup) const {
    Command command{.argv = argv, .env = {{"AXSHIM_CLEANUP", entry}, {"AXSHIM_LOG", log()}}};
    if (command.argv[0][0] != '/') command.argv[0] = program(command.argv[0]);
    return command;
  }
  static std::vector<std::string> counted(const Outcome &end) { return lines(read_file(end.cwd / "count")); }
  Records records_of_children(const Outcome &end) const {
    Records children = records_of(log());
    std::erase_if(children, [&](const Json &record) { return record["pid"] == end.pid; });
    return children;
  }
  Json record_of_parent(const Outcome &end) const {
    Records parents = records_of(log());
    std::erase_if(parents, [&](const Json &record) { return record["pid"] != end.pid; });
    return only_record(parents);
  }
};

// A _exit hook in a vfork child changed its parent's memory: the parent's own end found
// everything done already. Seen to fail (no cleanup, no record of the parent) with is_mine() always true.
class Vfork : public Fork, public testing::WithParamInterface<const char *> {};

TEST_P(Vfork, ChildLeavesItsParentsCleanupsToRunOnce) {
  Command shimmed = command({"ends", "vfork_child", GetParam(), "-"});
  const Outcome plain = bare(shimmed), end = recorded(shimmed);
  expect_same(plain, end);
  EXPECT_THAT(counted(end), ElementsAre("return"));
  EXPECT_THAT(outcomes(record_of_parent(end)), ElementsAre("count: ran"));
}

INSTANTIATE_TEST_SUITE_P(Whose, Vfork, testing::Values("_exit", "execve", "exec_fails", "sigterm", "sigsegv"),
                         [](const auto &info) { return std::string(info.param); });

// Of these children no atfork handler hears. Seen to fail (the child ran the cleanup and wrote a
// record) with is_mine() always true.
class UnseenFork : public Fork, public testing::WithParamInterface<std::tuple<const char *, const char *>> {};

TEST_P(UnseenFork, ChildDoesNothing) {
  const auto [how, cause] = GetParam();
  Command shimmed = command({"forks_otherwise", how, cause});
  const Outcome plain = bare(shimmed), end = recorded(shimmed);
  expect_same(plain, end);
  EXPECT_THAT(records_of_children(end), IsEmpty());
  EXPECT_THAT(counted(end), ElementsAre("return"));
}

INSTANTIATE_TEST_SUITE_P(By, UnseenFork,
                         testing::Combine(testing::Values("_Fork", "clone"),
                                          testing::Values("_exit", "exit", "null")),
                         [](const auto &info) {
                           return std::string(std::get<0>(info.param)) + "Then" + std::get<1>(info.param);
                         });

// exit in such a child comes by where main's ordinary cleanups run. Seen to fail (cleaned twice) without
// is_mine() in run_ordinary_cleanups().
TEST_F(Fork, ChildThatNobodyHeardOfRunsNoOrdinaryCleanup) {
  for (const char *how : {"_Fork", "clone"}) {
    SCOPED_TRACE(how);
    const Outcome end = preloaded(command({"forks_otherwise", how, "exit"}, "call:cleanup_tells"));
    EXPECT_THAT(lines(end.out), UnorderedElementsAre("child: wait status 0x400", "cleaned"));
  }
}

// Between vfork and exec programs put a filter on the child, change its namespaces, give it a session:
// nothing of that is the parent's. Each seen to fail without is_mine() in the hook: its cleanup was skipped
// (seccomp), its signal no longer graceful, and its fork child ran the cleanup that is for a daemon.
class VforkChild : public Fork {
 protected:
  Command meddling(const char *how, const std::string &entry) const {
    Command command = this->command({"vfork_child_meddles", how}, entry);
    command.interact = [](pid_t pid) { kill(pid, SIGTERM); };
    return command;
  }
};

TEST_F(VforkChild, LeavesItsParentUnfiltered) {
  const Command shimmed = meddling("filter", kCleanup);
  const Outcome plain = bare(shimmed), end = recorded(shimmed);
  EXPECT_THAT(lines(plain.out), ElementsAre("child: wait status 0x300", "ready"));
  expect_same(plain, end);
  EXPECT_THAT(outcomes(record_of_parent(end)), ElementsAre("count: ran"));
}

TEST_F(VforkChild, LeavesItsParentsThreads) {
  Command shimmed = meddling("setns", "flush:");
  shimmed.env["AXSHIM_GRACEFUL"] = "TERM";
  const Outcome plain = bare(shimmed), end = recorded(shimmed);
  expect_same(plain, end);
  EXPECT_EQ(record_of_parent(end)["termination"].value("graceful", false), true);
  EXPECT_THAT(outcomes(record_of_parent(end)), ElementsAre("flush:: ran"));
}

TEST_F(VforkChild, LeavesItsParentsSession) {
  Command shimmed = meddling("setsid", std::string(kCleanup) + " @daemon");
  shimmed.argv.push_back("of a fork child");
  shimmed.interact = nullptr;
  const Outcome plain = bare(shimmed), end = recorded(shimmed);
  expect_same(plain, end);
  EXPECT_THAT(outcomes(only_record(records_of_children(end))), IsEmpty());
  EXPECT_THAT(outcomes(record_of_parent(end)), ElementsAre("count: ran"));
}

// The way out of a cleanup is not the child's to take. Seen to fail (no end) without is_mine() in
// end_running_cleanup(), and (status 0xb for 0x400, or a second end) without FaultGuard::forget().
TEST_F(Fork, ChildThatACleanupMakesLeavesItToItsParent) {
  const Outcome end = recorded(command(
      {"forks_in_cleanup"},
      "call:vfork_exit;call:vfork_exec;call:vfork_fail;call:fork_exit;call:fork_null;call:fork_exec"));
  EXPECT_EQ(end.status, exited(3)) << describe(end.status);
  EXPECT_THAT(lines(end.out), ElementsAre("0", "0xb", "0x400", "0xff00", "0", "0x500"));
  EXPECT_THAT(outcomes(record_of_parent(end)), Each(testing::EndsWith(": ran")));
}

// What a child's _exit skips is its parent's. Seen to fail with is_own() always true.
TEST_F(Fork, ChildsUnderscoreExitIsSilent) {
  const Outcome end = preloaded(command({"ends", "fork_child", "_exit", "-"}));
  EXPECT_EQ(read_file(log()), "");
  EXPECT_EQ(end.err, "");
  EXPECT_THAT(counted(end), ElementsAre("return"));
}

TEST_F(Fork, ChildsCrashIsNotSilentAndRunsNothing) {
  const Outcome end = preloaded(command({"ends", "fork_child", "sigsegv", "-"}));
  const Json record = only_record(log());
  EXPECT_NE(record.value("pid", 0), end.pid);
  EXPECT_EQ(record["termination"].value("signal", ""), "SIGSEGV");
  EXPECT_THAT(outcomes(record), IsEmpty());
  EXPECT_THAT(counted(end), ElementsAre("return")) << "the parent's end";
}

// Seen to hang where each that the child inherited was a reason to look at all of them.
TEST_F(Fork, ChildOfManyCleanupsEndsAtOnce) {
  const Outcome end = preloaded({.argv = {program("forks_with_many")}});
  EXPECT_EQ(end.status, exited(0));
  EXPECT_EQ(end.out, "0 ran\n200000 ran\n");
}

TEST_F(Fork, ChildListsWhatItInheritedWhereAsked) {
  for (const char *cause : {"_exit", "exit", "sigterm"}) {
    SCOPED_TRACE(cause);
    std::filesystem::remove(log());
    Command shimmed = command({"ends", "fork_child", cause, "-"}, "lock=unlink:lock;late=sh:true @children");
    shimmed.env["AXSHIM_INHERIT"] = "1";
    const Outcome end = recorded(shimmed);
    const Records children = records_of_children(end);
    EXPECT_THAT(outcomes(only_record(children)), ElementsAre("late: ran", "lock: skipped (inherited)"));
    EXPECT_THAT(outcomes(record_of_parent(end)), ElementsAre("late: ran", "lock: ran"));
  }
}

// Seen to fail (no line of the child) with is_own() looking at the generation alone.
TEST_F(Fork, ChildRunsWhatIsMarkedForChildren) {
  const Outcome end =
      preloaded(command({"ends", "fork_child", "_exit", "-"}, std::string(kCleanup) + " @children"));
  EXPECT_THAT(counted(end), UnorderedElementsAre("_exit", "return"));
}

// By fork and exec: the owner's variable carries across. A child that is no owner runs only what is marked.
TEST_F(Fork, ProgramStartedByAChildRunsOnlyWhatIsMarkedForChildren) {
  const std::vector<std::string> argv = {"exec_in_child", program("calls__exit"), "3"};
  EXPECT_THAT(counted(preloaded(command(argv))), ElementsAre("return"));
  EXPECT_THAT(counted(preloaded(command(argv, std::string(kCleanup) + " @children"))),
              UnorderedElementsAre("_exit", "return"));
}

// Spawned children are vfork children that reset signals, behind every hook. The view of
// dispositions has no memory that this could change.
TEST_F(Fork, SpawnedChildDiesOfTheSignalThatItHadReset) {
  const Command shimmed = command({"spawns", program("kills_itself"), "15"});
  const Outcome plain = bare(shimmed), end = recorded(shimmed);
  EXPECT_THAT(lines(plain.out), ElementsAre("child: wait status 0xf, here SIGTERM is ignored"));
  expect_same(plain, end);
  EXPECT_THAT(counted(end), ElementsAre("return"));
  EXPECT_EQ(only_record(records_of_children(end))["termination"].value("signal", ""), "SIGTERM");
}

TEST_F(Fork, SystemReturnsTheSameAndRunsNothing) {
  for (const char *line : {"exit 3", "kill -TERM $$", "/nonexistent/program 2>&1", "false | true"}) {
    SCOPED_TRACE(line);
    const Command shimmed = command({"runs_system", line});
    const Outcome plain = bare(shimmed), end = preloaded(shimmed);
    expect_same(plain, end);
    EXPECT_THAT(counted(end), ElementsAre("return"));
  }
}

TEST_F(Fork, ChildOfPythonsSubprocessIsTheSame) {
  const std::string python = "/usr/bin/python3";
  if (!std::filesystem::exists(python)) GTEST_SKIP() << "no " << python;
  const Command shimmed = command(
      {python, "-c",
       "import signal, subprocess as s; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
       "for c in ['kill -PIPE $$', 'exit 3', 'kill -SEGV $$']: print(s.run(c, shell=True).returncode)\n"
       "try: s.run(['/nonexistent/program'])\nexcept OSError as e: print(e.errno)"});
  const Outcome plain = bare(shimmed), end = preloaded(shimmed);
  EXPECT_THAT(lines(plain.out), ElementsAre("-13", "3", "-11", "2"));
  expect_same(plain, end);
  EXPECT_THAT(counted(end), ElementsAre("return"));
}

}  // namespace
}  // namespace axshim_test
