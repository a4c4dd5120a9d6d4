// AXSHIM_GRACEFUL: a signal that would kill becomes an orderly exit that ends by the same signal. Exit
// handlers run, output is flushed, wherever the program was; and a program that never gets such a signal
// notices nothing.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "preload/own_cleanups.h"

namespace axshim_test {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

// For before_exec: a stdin on which that text comes and then nothing, not even its end.
std::function<void()> silent_stdin(const std::string &text = "") {
  return [text] {
    int ends[2];
    if (pipe(ends) != 0 || dup2(ends[0], 0) != 0) _exit(124);
    if (write(ends[1], text.data(), text.size()) != static_cast<ssize_t>(text.size())) _exit(124);
  };
}

void wait_until(const std::function<bool()> &condition) {
  for (const auto end = steady_clock::now() + seconds(10); !condition() && steady_clock::now() < end;) {
    std::this_thread::yield();
  }
}

// For interact: SIGTERM once the main thread sleeps in its call (or is gone), so that it is what is
// interrupted.
void terminate_asleep(pid_t pid) {
  wait_until([pid] { return is_asleep(pid); });
  kill(pid, SIGTERM);
}

void terminate(pid_t pid) { kill(pid, SIGTERM); }

// Where a program tells from inside a handler that it got there.
class Fifo {
 public:
  explicit Fifo(const Path &path) {
    if (mkfifo(path.c_str(), 0600) == 0) fd_ = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  }
  ~Fifo() { close(fd_); }
  bool wait() const {
    pollfd polled{fd_, POLLIN, 0};
    return poll(&polled, 1, 10000) == 1;
  }

 private:
  int fd_ = -1;
};

class Graceful : public PreloadTest {
 protected:
  Command command(const std::vector<std::string> &argv, const std::string &signals = "TERM") const {
    Command command{.argv = argv,
                    .env = {{"AXSHIM_GRACEFUL", signals}, {"AXSHIM_BUDGET", "10s"}},
                    .deadline = seconds(25)};
    if (command.argv[0][0] != '/') command.argv[0] = program(argv[0]);
    return command;
  }
  // Ended by that signal, by way of an orderly exit, in the one record of the first process.
  Json expect_graceful(const Outcome &end, int number = SIGTERM) const {
    EXPECT_EQ(end.status, killed(number)) << describe(end.status);
    const Json record = record_of(end);
    const Json termination = record.value("termination", Json::object());
    EXPECT_EQ(termination.value("kind", ""), "signal") << record.dump(2);
    EXPECT_EQ(termination.value("signal", ""), std::string("SIG") + sigabbrev_np(number));
    EXPECT_EQ(termination.value("graceful", false), true) << record.dump(2);
    return record;
  }
  void expect_not_graceful(const Json &record) const {
    EXPECT_FALSE(record.value("termination", Json::object()).contains("graceful")) << record.dump(2);
  }
  Json record_of(const Outcome &end, bool child = false) const {
    Records records = records_of(log());
    std::erase_if(records, [&](const Json &record) { return (record["pid"] != end.pid) != child; });
    return only_record(records);
  }
  // Output and status are those of a run without the shim.
  Outcome expect_unchanged(const Command &command) {
    const Outcome plain = bare(command), end = recorded(command);
    expect_same(plain, end);
    return end;
  }
};

const std::vector<std::string> kAllSkipped = {
    "last: skipped (not-signal-safe)", "tells: skipped (not-signal-safe)", "first: skipped (not-signal-safe)",
    "earliest: skipped (not-signal-safe)"};

TEST_F(Graceful, IsOffUnlessAskedFor) {
  for (const char *signals : {"none", "INT", "HUP,USR1"}) {
    SCOPED_TRACE(signals);
    std::filesystem::remove(log());
    const Outcome end = expect_unchanged(command({"has_exit_handlers", "sigterm"}, signals));
    EXPECT_EQ(end.status, killed(SIGTERM)) << describe(end.status);
    const Json record = only_record(log());
    expect_not_graceful(record);
    EXPECT_EQ(own_outcomes(record), kAllSkipped);
  }
}

// What is declared with call: comes in when main begins, the rest when the program is loaded.
TEST_F(Graceful, RunsAllCleanupsInOneOrderAndDiesOfTheSignal) {
  for (const char *signals : {"TERM", "SIGTERM", "INT,TERM,HUP", "SIGINT,SIGTERM"}) {
    SCOPED_TRACE(signals);
    std::filesystem::remove(log());
    const Path lock = make_file("lock");
    Command command = this->command({"has_exit_handlers", "sigterm"}, signals);
    command.env["AXSHIM_CLEANUP"] = "lock=unlink:" + lock.string() + ";call:called";
    const Outcome end = recorded(command);
    EXPECT_THAT(lines(end.out), ElementsAre("last", "status 143", "first", "called", "earliest"));
    EXPECT_EQ(end.err, "");
    const Json record = expect_graceful(end);
    EXPECT_THAT(own_outcomes(record), ElementsAre("last: ran", "tells: ran", "first: ran", "call:called: ran",
                                                  "earliest: ran", "lock: ran"));
    EXPECT_FALSE(std::filesystem::exists(lock));
  }
}

TEST_F(Graceful, DestroysStaticObjectsAndRunsDestructorFunctions) {
  const Outcome end = recorded(command({"destroys_objects", "sigterm"}));
  EXPECT_EQ(end.out, bare(command({"destroys_objects", "exit"})).out);
  EXPECT_THAT(own_outcomes(expect_graceful(end)), ElementsAre(testing::EndsWith(": ran")));
}

TEST_F(Graceful, HasASenderInItsRecord) {
  Command command = this->command({"waits_in_a_call", "pause"});
  command.interact = terminate_asleep;
  const Json sender = expect_graceful(recorded(command))["termination"].value("sender", Json::object());
  EXPECT_EQ(sender.value("pid", 0), getpid());
  EXPECT_EQ(sender.value("uid", -1), static_cast<int>(getuid()));
}

TEST_F(Graceful, DoesNotShowTheShimsThread) {
  Command command = this->command({"waits_in_a_call", "pause"});
  command.interact = terminate_asleep;
  const Outcome end = recorded(command);
  const Json record = expect_graceful(end);
  EXPECT_THAT(record.value("threads", Json::array()), IsEmpty());
  EXPECT_EQ(record["termination"]["thread"].value("tid", 0), end.pid);
}

// As children without a handler of their own, all signals in the list are alike.
TEST_F(Graceful, WorksForOtherSignals) {
  for (const int number : {SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGALRM, SIGPIPE}) {
    SCOPED_TRACE(number);
    std::filesystem::remove(log());
    Command command = this->command({"waits_in_a_call", "sleep"}, std::string("SIG") + sigabbrev_np(number));
    command.interact = [number](pid_t pid) { kill(pid, number); };
    const Outcome end = recorded(command);
    EXPECT_EQ(end.out, "ready\npending\nhandler\n");
    expect_graceful(end, number);
  }
}

// Another thread runs the exit, so it does not matter what main is in; and main must not run on meanwhile.
struct Place {
  std::string title;
  std::vector<std::string> argv;
  std::string out = "ready\npending\nhandler\n";
  bool asleep = true;
};

void PrintTo(const Place &place, std::ostream *out) { *out << place.title; }

class GracefulWhileItIs : public Graceful, public testing::WithParamInterface<Place> {
 protected:
  Command command() const {
    Command command = Graceful::command(GetParam().argv);
    command.before_exec = silent_stdin();
    command.interact = GetParam().asleep ? terminate_asleep : terminate;
    return command;
  }
};

TEST_P(GracefulWhileItIs, RunsItsHandlersAndNothingElse) {
  const Outcome plain = bare(command());
  EXPECT_EQ(plain.status, killed(SIGTERM)) << describe(plain.status);
  EXPECT_EQ(plain.out, "ready\n");
  const Outcome end = recorded(command());
  EXPECT_EQ(end.out, GetParam().out);
  EXPECT_THAT(own_outcomes(expect_graceful(end)), ElementsAre("handler: ran"));
}

INSTANTIATE_TEST_SUITE_P(
    In, GracefulWhileItIs,
    testing::Values(
        Place{"Read", {"waits_in_a_call", "read"}}, Place{"Fgets", {"waits_in_a_call", "fgets"}},
        Place{"Pause", {"waits_in_a_call", "pause"}}, Place{"Sleep", {"waits_in_a_call", "sleep"}},
        Place{"Sigsuspend", {"waits_in_a_call", "sigsuspend"}}, Place{"Poll", {"waits_in_a_call", "poll"}},
        Place{.title = "ALoop", .argv = {"waits_in_a_call", "loop"}, .asleep = false},
        Place{"MutexLock", {"waits_for_a_thread", "lock", "main"}},
        Place{"MutexLockAndAnotherThreadGetsIt", {"waits_for_a_thread", "lock", "thread"}},
        Place{"Join", {"waits_for_a_thread", "join", "main"}},
        Place{"JoinAndAnotherThreadGetsIt", {"waits_for_a_thread", "join", "thread"}},
        Place{"NoMainThread", {"main_leaves_first"}}, Place{"FputsToAFullPipe", {"blocks_in_fputs"}},
        Place{"MallocStatsToAFullPipe", {"is_busy_in_malloc", "stats"}, "ready\nhandler\n"},
        Place{.title = "Malloc",
              .argv = {"is_busy_in_malloc", "loop"},
              .out = "ready\nhandler\n",
              .asleep = false}),
    [](const auto &info) { return info.param.title; });

// The thread that was stopped is let go on where nothing else gets on, for it may hold what a handler needs.
TEST_F(Graceful, LetsTheProgramGoOnWhereAHandlerNeedsALockOfIt) {
  Command command = this->command({"handler_needs_a_lock"});
  command.interact = terminate_asleep;
  const Outcome end = recorded(command);
  EXPECT_EQ(end.out, "ready\nhandler\n");
  EXPECT_THAT(own_outcomes(expect_graceful(end)), ElementsAre("handler: ran"));
}

// A terminal's key goes to a whole process group; here to a fork child, which has no thread of the shim yet.
TEST_F(Graceful, WorksForTheInterruptKey) {
  Command command = this->command({"gets_interrupt_key", "3"}, "INT");
  command.env["AXSHIM_CLEANUP"] = "flush: @children";
  const Outcome end = expect_unchanged(command);
  EXPECT_EQ(end.out, "wait status 0x2\n");
  const Json child = record_of(end, true);
  EXPECT_EQ(child["termination"].value("signal", ""), "SIGINT");
  EXPECT_EQ(child["termination"].value("graceful", false), true);
  EXPECT_THAT(own_outcomes(child), ElementsAre("flush:: ran"));
}

TEST_F(Graceful, WorksInAForkChild) {
  Command command = this->command({"kills_its_child"});
  command.env["AXSHIM_CLEANUP"] = "lock=unlink:lock;flush: @children";
  const Outcome end = recorded(command);
  EXPECT_EQ(end.status, exited(0)) << describe(end.status);
  EXPECT_EQ(end.out, "handler of the child\nchild: wait status 0xf\n");
  const Json child = record_of(end, true);
  EXPECT_EQ(child["termination"].value("graceful", false), true);
  EXPECT_THAT(own_outcomes(child), ElementsAre("handler: ran", "flush:: ran"));
  expect_not_graceful(record_of(end));
  EXPECT_THAT(own_outcomes(record_of(end)), ElementsAre("flush:: ran", "lock: ran"));
}

// A second signal, or the end of the budget, ends what hangs.
class GracefulHanging : public Graceful {
 protected:
  // What is signal-safe runs at every end.
  void expect_forced(const Outcome &end) {
    EXPECT_EQ(end.out, "ready\nlast\n");
    EXPECT_EQ(end.status, killed(SIGTERM)) << describe(end.status);
    EXPECT_THAT(own_outcomes(only_record(log())),
                ElementsAre("last: ran", "hangs: interrupted", StartsWith("first: skipped")));
  }
};

TEST_F(GracefulHanging, EndsAtASecondSignal) {
  const Fifo fifo(file("fifo"));
  Command command = this->command({"hangs_in_handler_at_signal", file("fifo")});
  command.interact = [&](pid_t pid) {
    terminate(pid);
    if (fifo.wait()) terminate(pid);
  };
  expect_forced(recorded(command));
}

TEST_F(GracefulHanging, EndsAtTheEndOfTheBudget) {
  const Fifo fifo(file("fifo"));
  Command command = this->command({"hangs_in_handler_at_signal", file("fifo")});
  command.env["AXSHIM_BUDGET"] = "300ms";
  command.interact = terminate;
  const auto begin = steady_clock::now();
  expect_forced(recorded(command));
  EXPECT_LT(steady_clock::now() - begin, seconds(10));
}

TEST_F(GracefulHanging, StillRunsWhatIsSignalSafe) {
  const Fifo fifo(file("fifo"));
  const Path lock = make_file("lock");
  Command command = this->command({"hangs_in_handler_at_signal", file("fifo")});
  command.env["AXSHIM_CLEANUP"] = "unlink:" + lock.string();
  command.interact = [&](pid_t pid) {
    terminate(pid);
    if (fifo.wait()) terminate(pid);
  };
  EXPECT_EQ(recorded(command).status, killed(SIGTERM));
  EXPECT_FALSE(std::filesystem::exists(lock));
}

// A signal that is not in the list is no second one, but ends the process by itself.
TEST_F(GracefulHanging, EndsAtAnotherSignalByThat) {
  const Fifo fifo(file("fifo"));
  Command command = this->command({"hangs_in_handler_at_signal", file("fifo")});
  command.interact = [&](pid_t pid) {
    terminate(pid);
    if (fifo.wait()) kill(pid, SIGINT);
  };
  EXPECT_EQ(recorded(command).status, killed(SIGINT));
  EXPECT_EQ(only_record(log())["termination"].value("signal", ""), "SIGINT");
}

TEST_F(Graceful, HandlerThatCrashesEndsTheProcessByThat) {
  const Outcome end = recorded(command({"registers_handlers", "kill", "prints", "crashes", "prints_too"}));
  EXPECT_EQ(end.status, killed(SIGSEGV)) << describe(end.status);
  EXPECT_EQ(end.out, "printed too\n");
  const Json record = only_record(log());
  EXPECT_EQ(record["termination"].value("signal", ""), "SIGSEGV");
  EXPECT_THAT(own_outcomes(record),
              ElementsAre("prints_too: ran", "crashes: interrupted", "prints: skipped (handler-exited)"));
}

TEST_F(Graceful, HandlerThatExitsDoesNotStopTheRest) {
  const Outcome end = recorded(command({"registers_handlers", "kill", "prints", "exits", "prints_too"}));
  EXPECT_EQ(end.out, "printed too\nprinted\n");
  expect_graceful(end);
}

TEST_F(Graceful, ExitThatIsUnderWayIsFinished) {
  const Outcome end = recorded(command({"is_signalled_at_exit"}));
  EXPECT_EQ(end.out, "last\nsignalled\nfirst\n");
  EXPECT_THAT(own_outcomes(expect_graceful(end)), ElementsAre("last: ran", "signalled: ran", "first: ran"));
}

TEST_F(Graceful, LeavesOtherSignalsAsTheyAre) {
  for (const int number : {SIGINT, SIGKILL}) {
    std::filesystem::remove(log());
    Command command = this->command({"waits_in_a_call", "pause"});
    command.interact = [number](pid_t pid) { kill(pid, number); };
    const Outcome end = expect_unchanged(command);
    EXPECT_EQ(end.out, "ready\n");
    if (number == SIGINT) expect_not_graceful(only_record(log()));
  }
  std::filesystem::remove(log());
  expect_unchanged(command({"derefs_null"}));
  expect_not_graceful(only_record(log()));
}

TEST_F(Graceful, LeavesTheProgramsOwnHandlerItsSignal) {
  Command command = this->command({"waits_with_handler"});
  command.interact = terminate;
  EXPECT_EQ(expect_unchanged(command).status, exited(3));
  expect_not_graceful(only_record(log()));
}

TEST_F(Graceful, LeavesASignalIgnoredThatWasInheritedSo) {
  Command command = this->command({"kills_itself", "15"});
  command.before_exec = [] { signal(SIGTERM, SIG_IGN); };
  EXPECT_EQ(expect_unchanged(command).status, exited(0));
}

TEST_F(Graceful, FollowsAProgramThatRestoresTheDefaultInItsHandler) {
  for (const char *how : {"signal", "sigaction", "resethand"}) {
    SCOPED_TRACE(how);
    std::filesystem::remove(log());
    const Outcome end = expect_unchanged(command({"reraises", how}));
    EXPECT_EQ(end.out, "handled\n");
    EXPECT_EQ(end.status, killed(SIGTERM)) << describe(end.status);
  }
}

// Programs that know nothing of a second thread: those that wait for signals that they block, count
// descriptors, leave by their last thread, forbid themselves system calls, fork and exec.
class GracefulTransparency : public Graceful, public testing::WithParamInterface<std::vector<std::string>> {};

TEST_P(GracefulTransparency, LooksTheSameFromOutside) {
  Command command = this->command(GetParam(), "TERM,INT,HUP,USR1,ALRM");
  if (GetParam()[0] == "filters_itself") command.interact = terminate;
  command.env["AXSHIM_LOG"] = "none";  // what is written under a filter goes to stderr
  expect_unchanged(command);
}

using Programs = std::vector<std::vector<std::string>>;

const Programs kPrograms = {{"waits_for_blocked"},
                            {"suspends", "sigsuspend"},
                            {"suspends", "ppoll"},
                            {"suspends", "pselect"},
                            {"prints_signal_view"},
                            {"lists_descriptors"},
                            {"pthread_exit_last"},
                            {"leaves_thread", "pthread_exit", "main"},
                            {"leaves_thread", "cancel", "main"},
                            {"starts_threads", "detached"},
                            {"calls_exec", "execve"},
                            {"exec_fails"},
                            {"runs_system", "kill -TERM $$"},
                            {"spawns", "/bin/true"},
                            {"forks_otherwise", "clone", "_exit"},
                            {"prints_and_forks", "vfork"},
                            {"filters_its_threads"},
                            {"filters_itself", "wait"},
                            {"sandboxes_itself", "prctl", "thread_ends"},
                            {"sandboxes_itself", "syscall", "exit"},
                            {"strictly_sandboxed"},
                            {"drops_rights", "capset"},
                            {"drops_rights", "syscall"},
                            {"drops_rights", "landlock"}};

INSTANTIATE_TEST_SUITE_P(Of, GracefulTransparency, testing::ValuesIn(kPrograms), [](const auto &info) {
  std::string title;
  for (const std::string &word : info.param) title += (title.empty() ? "" : "_") + word;
  for (char &c : title) c = isalnum(c) ? c : '_';
  return title;
});

// In each context, by a signal that it sends to itself; where a child dies, its parent prints how.
class GracefulIn : public Graceful, public testing::WithParamInterface<const char *> {};

TEST_P(GracefulIn, LooksTheSameFromOutside) {
  const Path file = make_file("lock");
  const Outcome plain = bare(command({"ends", GetParam(), "sigterm", file}));
  Command shimmed = command({"ends", GetParam(), "sigterm", file});
  shimmed.env["AXSHIM_CLEANUP"] = "unlink:" + file.string();
  expect_same(plain, recorded(shimmed));
  EXPECT_FALSE(std::filesystem::exists(file));
}

INSTANTIATE_TEST_SUITE_P(Context, GracefulIn,
                         testing::Values("main_thread", "other_thread", "fork_child", "vfork_child",
                                         "signal_handler"),
                         [](const auto &info) { return std::string(info.param); });

// The kernel refuses these to a process with a second thread, and setuid asks every thread that libc knows.
class GracefulAfter : public Graceful, public testing::WithParamInterface<const char *> {};

TEST_P(GracefulAfter, WorksAsBefore) {
  Command command = this->command({"changes_its_namespaces", GetParam()});
  command.interact = terminate_asleep;
  const Outcome plain = bare(command);
  command.env["AXSHIM_LOG"] = "stderr";  // a user without a name in the namespace may create no file
  command.env["AXSHIM_FORMAT"] = "json";
  const Outcome end = recorded(command);
  EXPECT_THAT(plain.out, testing::EndsWith("ready\n"));
  EXPECT_EQ(end.status, plain.status) << describe(end.status);
  EXPECT_EQ(end.out, plain.out + "handler\n");
  const Json record = only_record(records_in(end.err));
  EXPECT_EQ(record["termination"].value("graceful", false), true);
  EXPECT_THAT(own_outcomes(record), ElementsAre("handler: ran"));
}

INSTANTIATE_TEST_SUITE_P(CallOf, GracefulAfter, testing::Values("setuid", "unshare", "setns"),
                         [](const auto &info) { return std::string(info.param); });

// Its signals are ignored by the kernel as long as they have no handler.
TEST_F(Graceful, LeavesProcess1Alone) {
  std::vector<std::string> unshare = {"/usr/bin/unshare", "--pid", "--fork"};
  if (geteuid() != 0) unshare.insert(unshare.end(), {"--user", "--map-root-user"});
  const auto as_process_1 = [&](const std::vector<std::string> &argv) {
    std::vector<std::string> all = unshare;
    all.insert(all.end(), argv.begin(), argv.end());
    return command(all);
  };
  if (bare(as_process_1({"/bin/true"})).status != 0) GTEST_SKIP() << "may not make a PID namespace here";
  EXPECT_EQ(expect_unchanged(as_process_1({program("kills_itself"), "15"})).status, exited(0));
}

// Killed at any moment, in the middle of a write too: all that was printed is there, once.
class GracefulAtAnyMoment : public Graceful,
                            public testing::WithParamInterface<std::tuple<const char *, const char *>> {};

TEST_P(GracefulAtAnyMoment, LosesNoOutputAndDoublesNone) {
  const auto [by, threads] = GetParam();
  for (int microseconds = 300; microseconds < 3300 && !HasFailure(); microseconds += 101) {
    std::filesystem::remove(log());
    const Path output = make_file("output", "");
    Command command = this->command({"prints_numbers", std::to_string(microseconds), by}, "ALRM");
    if (*threads == 'T') command.argv.push_back("thread");
    command.before_exec = [&] { dup2(open(output.c_str(), O_WRONLY), 1); };
    const Outcome end = recorded(command);
    expect_graceful(end, SIGALRM);
    const std::string printed = read_file(output);
    std::string expected;
    for (int number = 0; expected.size() < printed.size(); ++number) {
      const std::string digits = std::to_string(number);
      expected += std::string(7 - digits.size(), '0') + digits + "\n";
    }
    EXPECT_EQ(printed, expected.substr(0, printed.size())) << "after " << microseconds << " us";
  }
}

INSTANTIATE_TEST_SUITE_P(Of, GracefulAtAnyMoment,
                         testing::Combine(testing::Values("putchar", "fputs", "printf"),
                                          testing::Values("OneThread", "TwoThreads")),
                         [](const auto &info) {
                           return std::string(std::get<0>(info.param)) + "With" + std::get<1>(info.param);
                         });

// Each bad list costs one line, and the program runs on without.
class BadGraceful : public Graceful, public testing::WithParamInterface<const char *> {};

TEST_P(BadGraceful, CostsOneLineThatNamesIt) {
  const Outcome end = preloaded(command({"calls_exit", "7"}, GetParam()));
  EXPECT_EQ(end.status, exited(7)) << describe(end.status);
  ASSERT_THAT(lines(end.err), SizeIs(1)) << end.err;
  EXPECT_THAT(end.err, AllOf(StartsWith("axshim: "), HasSubstr("AXSHIM_GRACEFUL"), HasSubstr(GetParam())));
}

INSTANTIATE_TEST_SUITE_P(List, BadGraceful,
                         testing::Values("NOSUCH", "TERM,NOSUCH", "TERM;INT", "SEGV", "SIGSEGV", "TERM,BUS",
                                         "FPE", "ILL", "KILL", "STOP", "ABRT"),
                         [](const auto &info) {
                           std::string title = info.param;
                           for (char &c : title) c = isalnum(c) ? c : '_';
                           return title;
                         });

// Programs that were not made for this.
class GracefulProgram : public Graceful {
 protected:
  // Ended by a SIGTERM while it waits, with a cleanup that only an orderly exit runs.
  Outcome run(const std::vector<std::string> &argv, const std::function<void(pid_t)> &interact,
              const std::string &input = "") {
    Command command = this->command(argv);
    command.env["AXSHIM_CLEANUP"] = "flush:";
    command.interact = interact;
    command.before_exec = silent_stdin(input);
    return recorded(command);
  }
  void expect_flushed(const Outcome &end) {
    EXPECT_THAT(outcomes(expect_graceful(end)), testing::Contains("flush:: ran"));
  }
};

TEST_F(GracefulProgram, CatIsEndedWhileItReads) {
  const Outcome end = run({"/bin/cat"}, terminate_asleep, "ready\n");
  EXPECT_EQ(end.out, "ready\n");
  expect_flushed(end);
}

// The shell says "ready" and becomes sleep, which has nothing to say.
TEST_F(GracefulProgram, SleepIsEnded) {
  Command command = this->command({"/bin/sh", "-c", "echo ready; exec sleep 1000"});
  command.interact = [](pid_t pid) {
    wait_until([pid] { return read_file("/proc/" + std::to_string(pid) + "/comm") == "sleep\n"; });
    terminate_asleep(pid);
  };
  command.env["AXSHIM_PROGRAMS"] = "sleep";
  expect_graceful(recorded(command));
}

TEST_F(GracefulProgram, PerlIsEndedWhileItSleeps) {
  if (!std::filesystem::exists("/usr/bin/perl")) GTEST_SKIP() << "no perl";
  const Outcome end =
      run({"/usr/bin/perl", "-e", "$| = 1; print \"ready\\n\"; sleep 1000; print \"went on\\n\""},
          terminate_asleep);
  EXPECT_EQ(end.out, "ready\n");
  expect_flushed(end);
}

TEST_F(GracefulProgram, PythonIsEndedWhileItSleeps) {
  if (!std::filesystem::exists("/usr/bin/python3")) GTEST_SKIP() << "no python3";
  const Outcome end = run({"/usr/bin/python3", "-c",
                           "import atexit, time\n"
                           "atexit.register(print, 'bye')\n"
                           "print('ready', flush=True)\n"
                           "time.sleep(1000)\n"
                           "print('went on', flush=True)"},
                          terminate_asleep);
  EXPECT_THAT(end.out, AllOf(StartsWith("ready\n"), Not(HasSubstr("went on"))));
  expect_flushed(end);
}

TEST_F(GracefulProgram, BashKeepsItsTraps) {
  for (const char *trap : {"trap 'echo trapped; exit 3' TERM", "trap 'echo bye' EXIT", "trap '' TERM"}) {
    SCOPED_TRACE(trap);
    Command command =
        this->command({"/bin/bash", "-c", std::string(trap) + "; echo ready; kill -TERM $$; echo went on"});
    command.interact = [](pid_t) {};
    expect_unchanged(command);
  }
}

TEST_F(GracefulProgram, UnshareMakesAUserNamespace) {
  const Command command = this->command({"/usr/bin/unshare", "-Ur", "/bin/true"});
  if (bare(command).status != 0) GTEST_SKIP() << "may not make a user namespace here";
  expect_unchanged(command);
}

}  // namespace
}  // namespace axshim_test
