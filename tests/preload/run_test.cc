// `axshim run`, end to end.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "preload/runs.h"

namespace axshim_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

class RunEnd : public Run, public testing::WithParamInterface<Words> {};

TEST_P(RunEnd, IsTheProgramsOwn) {
  Words words = GetParam();
  words[0] = program(words[0]);
  const Outcome plain = bare({.argv = words}), end = run(words);
  EXPECT_EQ(end.status, plain.status) << describe(plain.status) << " became " << describe(end.status);
  EXPECT_EQ(end.out, plain.out);
  EXPECT_THAT(end.err, HasSubstr("\naxshim: " + GetParam()[0] + ' ')) << "no line in the table";
  EXPECT_TRUE(std::filesystem::is_empty(temporary()));
}

INSTANTIATE_TEST_SUITE_P(By, RunEnd,
                         testing::Values(Words{"returns_status", "0"}, Words{"returns_status", "255"},
                                         Words{"calls__exit", "3"}, Words{"calls_abort"},
                                         Words{"kills_itself", "15"}, Words{"kills_itself", "9"},
                                         Words{"kills_itself", "13"}, Words{"kills_itself", "40"},
                                         Words{"derefs_null"}, Words{"exits_unseen"}));

TEST_F(Run, ForwardsSignalsThatComeToItAlone) {
  Command term = command({program("waits_with_handler")});
  term.interact = [](pid_t pid) { kill(pid, SIGTERM); };
  const Outcome end = bare(term);
  EXPECT_EQ(end.out, "ready\nhandled 15\n");
  EXPECT_EQ(end.status, exited(3)) << describe(end.status);
}

TEST_F(Run, ContinuesAProgramThatIsStopped) {
  Command stops = command({"sh", "-c", "echo ready; kill -STOP $$; echo continued; exit 4"});
  stops.interact = [](pid_t pid) {
    siginfo_t ended = {};
    for (int i = 0; i < 20000 && ended.si_pid == 0; ++i) {  // those that come before the stop are lost
      kill(pid, SIGCONT);
      poll(nullptr, 0, 1);
      waitid(P_PID, pid, &ended, WEXITED | WNOWAIT | WNOHANG);
    }
  };
  const Outcome end = bare(stops);
  EXPECT_EQ(end.out, "ready\ncontinued\n");
  EXPECT_EQ(end.status, exited(4)) << describe(end.status);
}

// Seen to tell of redis-check-rdb where redis-server ran: Debian's is a link to the other.
TEST_F(Run, KnowsProgramsByTheNameTheyWereStartedBy) {
  for (const char *name : {"kills_itself", "exits_unseen"}) {
    const Path link = file("started_as");
    std::filesystem::create_symlink(program(name), link);
    const std::string shown = run({link}).err;
    EXPECT_THAT(shown, AllOf(StartsWith("axshim: started_as["), HasSubstr("\naxshim: started_as "))) << name;
    EXPECT_THAT(shown, Not(HasSubstr(std::string("axshim: ") + name)));
    std::filesystem::remove(link);
  }
}

// Seen to say nothing of it.
TEST_F(Run, NamesWhatVanishedInAPidNamespace) {
  if (bare({.argv = {"/usr/bin/unshare", "--pid", "--fork", "/bin/true"}}).status != 0)
    GTEST_SKIP() << "may not make a PID namespace here";
  const Outcome end = run({"unshare", "--pid", "--fork", "sh", "-c", program("exits_unseen") + "; exit 0"});
  EXPECT_EQ(end.status, exited(0));
  EXPECT_THAT(end.err, AllOf(HasSubstr("skipped  save_index"), HasSubstr("exits_unseen  vanished")));
}

TEST_F(Run, ForwardsSigcontToAProgramThatRuns) {
  Command traps = command({"sh", "-c", "trap 'exit 5' CONT; echo ready; while :; do sleep 0.01; done"});
  traps.interact = [](pid_t pid) { kill(pid, SIGCONT); };
  EXPECT_EQ(bare(traps).status, exited(5));
}

// Seen to give up at once.
TEST_F(Run, WaitsOnAtASignalThatIsIgnored) {
  const Path gate = file("gate");
  ASSERT_EQ(mkfifo(gate.c_str(), 0600), 0);
  const std::string script =
      "(while kill -0 $$; do :; done 2>/dev/null; echo ready; read line <" + gate.string() + ") &";
  Command waits = command({"--wait", "1m", "sh", "-c", script});
  waits.before_exec = [] { signal(SIGHUP, SIG_IGN); };
  waits.interact = [&](pid_t pid) {
    kill(pid, SIGHUP);
    std::ofstream(gate) << "go\n";
  };
  EXPECT_THAT(bare(waits).err, Not(HasSubstr("left behind")));
}

// A directory of its own is safe wherever it is: it is looked at by its descriptor. Seen to fail with
// "cannot write to ...", for the path is a template.
TEST_F(Run, NeedsNoMoreThanADirectoryThatItCanWrite) {
  const Path open = file("open %p");
  create_directory(open);
  chmod(open.c_str(), 0777);
  const std::string missing = "AXSHIM_DIR=" + file("missing").string();
  Command crashes{
      .argv = {"/usr/bin/env", missing, AXSHIM_BUILD "/axshim", "run", program("kills_itself"), "15"}};
  crashes.env["TMPDIR"] = open;
  const Outcome end = bare(crashes);
  EXPECT_EQ(end.status, killed(SIGTERM)) << end.err;
  EXPECT_THAT(lines(end.err), ElementsAre(AllOf(HasSubstr("AXSHIM_DIR"), HasSubstr("missing")),
                                          HasSubstr("was ended by SIGTERM"), StartsWith("axshim:   at "),
                                          HasSubstr("program"), HasSubstr("kills_itself")));
  EXPECT_TRUE(std::filesystem::is_empty(open));
}

// Seen to fail (sent by axshim) where kill forwards them.
TEST_F(Run, SaysWhoSentTheSignal) {
  Command term = command({program("waits_for_signal")});
  term.interact = [](pid_t pid) { kill(pid, SIGTERM); };
  const Outcome end = bare(term);
  EXPECT_EQ(end.status, killed(SIGTERM)) << describe(end.status);
  EXPECT_THAT(end.err, HasSubstr('[' + std::to_string(getpid()) + "] of uid"));
}

TEST_F(Run, NamesWhatSigkillSkipped) {
  Command waits = command({program("exits_unseen"), "wait"});
  waits.interact = [](pid_t pid) { kill(child_of(pid), SIGKILL); };
  const Outcome end = bare(waits);
  EXPECT_EQ(end.status, killed(SIGKILL)) << describe(end.status);
  EXPECT_THAT(end.err, HasSubstr("] vanished: killed by SIGKILL: 1 cleanup, 1 skipped\n"
                                 "axshim:   skipped  save_index   atexit by main+"));
}

TEST_F(Run, KnowsTheStatusOfRawExits) {
  const Outcome end = run({"--format", "json", program("exits_unseen")});
  const Json record = only_record(records_in(end.err));
  EXPECT_EQ(record["termination"], (Json{{"kind", "raw-exit"}, {"status", 7}}));
  EXPECT_THAT(outcomes(record), ElementsAre("save_index: skipped (vanished)"));
  EXPECT_FALSE(record.contains("clean"));
}

TEST_F(Run, SaysWhichProgramItCouldNotEnter) {
  for (const Words &options : {Words{}, Words{"--log", "none"}}) {
    Words words = options;
    words.push_back(program("is_static"));
    const Outcome end = run(words);
    EXPECT_EQ(end.status, exited(7)) << describe(end.status);
    EXPECT_THAT(end.err, HasSubstr("see axshim doctor " + program("is_static") + '\n'));
    words.back() = program("returns_status");
    EXPECT_THAT(run(words).err, Not(HasSubstr("doctor")));
  }
}

TEST_F(Run, LeavesRecordsToTheLog) {
  const std::string both = program("calls__exit") + "; " + program("exits_unseen");
  const Outcome end = run({"--log", log(), "--report", "always", "sh", "-c", both});
  EXPECT_THAT(end.err, StartsWith("axshim: program "));
  Words kinds;
  for (const Json &record : records_of(log())) kinds.push_back(record["termination"]["kind"]);
  EXPECT_THAT(kinds, testing::IsSupersetOf({"_exit", "vanished"}));
}

TEST_F(Run, RunsTheCleanupsThatItIsGiven) {
  const Path one = make_file("one"), two = make_file("two");
  run({"--cleanup", "unlink:" + one.string(), "--cleanup", "unlink:" + two.string() + " @forced",
       program("calls__exit")});
  EXPECT_FALSE(exists(one));
  EXPECT_FALSE(exists(two));
}

TEST_F(Run, RecoversWhatVanishedHadDeclared) {
  const Path lock = make_file("lock");
  const Words words = {"--cleanup", "unlink:" + lock.string(), program("exits_unseen")};
  run(words);
  EXPECT_TRUE(exists(lock));
  Words recovering = words;
  recovering.insert(recovering.begin(), "--recover");
  const Outcome end = run(recovering);
  EXPECT_FALSE(exists(lock));
  EXPECT_THAT(end.err, HasSubstr("recovered  unlink:" + lock.string()));
  EXPECT_THAT(lines(end.err),
              testing::IsSupersetOf({MatchesRegex("axshim: program .* recovered  skipped"),
                                     MatchesRegex("axshim: exits_unseen .*  2 +0 +0 +1 +1")}));
  EXPECT_EQ(end.out, "");
}

class RunFailsOn : public Run, public testing::WithParamInterface<std::pair<const char *, int>> {};

TEST_P(RunFailsOn, GivesStatus99) {
  const auto [what, status] = GetParam();
  EXPECT_EQ(run({"--fail-on", what, program("keeps_books"), "_exit"}).status, exited(status));
  EXPECT_EQ(run({"--fail-on", what, program("returns_status"), "3"}).status, exited(3));
}

INSTANTIATE_TEST_SUITE_P(Named, RunFailsOn,
                         testing::Values(std::pair{"skipped", 99}, std::pair{"unclean", 99},
                                         std::pair{"failed,unclean", 99}, std::pair{"failed", 3}));

TEST_F(Run, LeaksNoDescriptor) {
  for (const auto &before_exec : {+[] {}, +[] { close(2); }}) {
    Command plain{.argv = {program("lists_descriptors")}, .before_exec = before_exec};
    Command under = command(plain.argv);
    under.before_exec = before_exec;
    EXPECT_EQ(bare(under).out, bare(plain).out);
  }
}

TEST_F(Run, PassesOnMaskAndDispositionsAsItFoundThem) {
  const auto before_exec = [] {
    for (const int number : {SIGCHLD, SIGINT, SIGTSTP}) signal(number, SIG_IGN);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, nullptr);
  };
  Command plain{.argv = {"/bin/grep", "-E", "SigBlk|SigIgn", "/proc/self/status"},
                .before_exec = before_exec};
  Command under = command(plain.argv);
  under.before_exec = before_exec;
  EXPECT_EQ(bare(under).out, bare(plain).out);
}

TEST_F(Run, TakesItsOwnCoreForNone) {
  Command plain{.argv = {program("derefs_null")}, .core = RLIM_INFINITY};
  if (!WCOREDUMP(bare(plain).status)) GTEST_SKIP() << "no core files here";
  Command under = command(plain.argv);
  under.core = RLIM_INFINITY;
  const Outcome end = bare(under);
  EXPECT_EQ(end.status, killed(SIGSEGV)) << describe(end.status);
  EXPECT_THAT(end.err, HasSubstr(", leaving a core"));
}

TEST_F(Run, SaysWhatItLeavesBehind) {
  const Outcome end = run({"sh", "-c", "sleep 1000 >/dev/null 2>&1 & echo $!"});
  const pid_t left = atoi(end.out.c_str());
  ASSERT_GT(left, 1);
  EXPECT_THAT(end.err,
              AllOf(HasSubstr("axshim: left behind: "), HasSubstr('[' + std::to_string(left) + ']')));
  EXPECT_FALSE(std::filesystem::is_empty(temporary()));
  kill(left, SIGKILL);
}

// Its first process is one that has to reap what others leave.
TEST_F(Run, IsAGoodProcess1) {
  Words words = {"/usr/bin/unshare", "--pid", "--fork", "--mount-proc"};
  if (geteuid() != 0) words.insert(words.end(), {"--user", "--map-root-user"});
  Words probe = words;
  probe.push_back("/bin/true");
  if (bare({.argv = probe}).status != exited(0)) GTEST_SKIP() << "may not make a PID namespace here";
  const Command under = command({"sh", "-c", "(" + program("exits_unseen") + " &); exit 4"});
  words.insert(words.end(), under.argv.begin(), under.argv.end());
  const Outcome end = bare({.argv = words, .env = under.env});
  EXPECT_EQ(end.status, exited(4)) << describe(end.status);
  EXPECT_THAT(end.err, HasSubstr("exited with 7 by a raw system call"));
}

// Seen to say "raw exit 0".
TEST_F(Run, DoesNotTakeTheStatusOfAnotherProcessOfThatPid) {
  const std::string script = R"(
    (sh -c 'echo $$ >pid' &)
    until [ -s pid ]; do :; done; read pid <pid; while [ -e /proc/$pid ]; do :; done
    read began rest </proc/uptime; while read now rest </proc/uptime; [ $now = $began ]; do :; done  # a tick
    echo $((pid - 1)) >/proc/sys/kernel/ns_last_pid
    )" + program("exits_unseen") +
                             " & echo $pid $!; wait; exit 0";
  Command command = this->command({"sh", "-c", script});
  const Words unshare = {"/usr/bin/unshare", "--pid", "--fork", "--mount-proc"};
  if (bare({.argv = {unshare[0], unshare[1], unshare[2], unshare[3], "/bin/true"}}).status != 0)
    GTEST_SKIP() << "may not make a PID namespace here";
  command.argv.insert(command.argv.begin(), unshare.begin(), unshare.end());
  const Outcome end = bare(command);
  std::istringstream pids(end.out);
  int first = 0, second = 0;
  pids >> first >> second;
  if (first != second) GTEST_SKIP() << "may not choose a pid here";
  EXPECT_THAT(end.err, AllOf(HasSubstr("exits_unseen  vanished"), Not(HasSubstr("raw exit"))));
}

TEST_F(Run, IsWatchedItselfUnderThePreload) {
  Command under = command({program("calls__exit"), "3"});
  under.env["AXSHIM_LOG"] = log();
  under.env["AXSHIM_REPORT"] = "always";
  const Outcome end = preloaded(under);
  EXPECT_EQ(end.status, exited(3));
  EXPECT_THAT(records_of(log()), SizeIs(2)) << end.err;
  EXPECT_THAT(end.err, StartsWith("axshim: program "));
}

TEST_F(Run, SaysWhatCannotBeStarted) {
  const auto start = [this](const std::string &path) {
    Command under = command({path});
    under.argv.insert(under.argv.begin(), {"/bin/sh", "-c", "\"$@\"; echo $?", "sh"});
    return bare(under);
  };
  const Outcome missing = start("no-such-program"), data = start(make_file("data"));
  EXPECT_EQ(missing.err, "axshim: no-such-program: No such file or directory\n");
  EXPECT_EQ(missing.out, "127\n");
  EXPECT_EQ(data.err, "axshim: " + file("data").string() + ": Permission denied\n");
  EXPECT_EQ(data.out, "126\n");
  EXPECT_TRUE(std::filesystem::is_empty(temporary()));
}

class RunUsage : public Run, public testing::WithParamInterface<std::pair<Words, const char *>> {};

TEST_P(RunUsage, IsRefusedInOneLine) {
  const auto &[words, why] = GetParam();
  const Outcome end = run(words);
  EXPECT_EQ(end.status, exited(2));
  EXPECT_EQ(end.out, "");
  EXPECT_THAT(lines(end.err), ElementsAre(AllOf(StartsWith("axshim: "), HasSubstr(why))));
}

INSTANTIATE_TEST_SUITE_P(Errors, RunUsage,
                         testing::Values(std::pair{Words{}, "PROG is required"},
                                         std::pair{Words{"--"}, "PROG is required"},
                                         std::pair{Words{"--bogus", "true"}, "--bogus"},
                                         std::pair{Words{"--log"}, "--log"},
                                         std::pair{Words{"--wait", "5", "true"}, "not a duration"},
                                         std::pair{Words{"--timeout", "x", "true"}, "not a duration"},
                                         std::pair{Words{"--graceful", "KILL", "true"}, "KILL"},
                                         std::pair{Words{"--cleanup", "lock", "true"}, "no action"},
                                         std::pair{Words{"--fail-on", "all", "true"}, "skipped"},
                                         std::pair{Words{"--dir", "/nowhere", "true"}, "/nowhere"}));

TEST_F(Run, LeavesTheProgramsOptionsAlone) {
  EXPECT_EQ(run({"/bin/echo", "--log", "x", "--"}).out, "--log x --\n");
  EXPECT_EQ(run({"--report=never", "--", "/bin/echo", "--report"}).out, "--report\n");
}

}  // namespace
}  // namespace axshim_test
