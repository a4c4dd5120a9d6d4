// What the program is told of its signals, and what becomes of them: as without the shim.
#include <signal.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

using testing::ElementsAre;

class Dispositions : public PreloadTest {
 protected:
  // Runs it bare and preloaded; the latter's end.
  Outcome expect_unchanged(Command command) {
    if (command.argv[0][0] != '/') command.argv[0] = program(command.argv[0]);
    const Outcome plain = bare(command), end = recorded(command);
    EXPECT_EQ(end.status, plain.status) << describe(plain.status) << " became " << describe(end.status);
    EXPECT_EQ(end.err, plain.err);
    // Some print 50000 lines: the first that differs is enough.
    const std::vector<std::string> expected = lines(plain.out), seen = lines(end.out);
    EXPECT_EQ(seen.size(), expected.size());
    for (size_t i = 0; i < std::min(seen.size(), expected.size()) && !HasFailure(); ++i) {
      EXPECT_EQ(seen[i], expected[i]) << "line " << i + 1;
    }
    return end;
  }
};

// Queries, failing calls (errno, and `old` left alone), flags and mask that were given with
// SIG_DFL. Seen to fail with as_program_sees() empty, and with one entry point for all flags.
TEST_F(Dispositions, AreSetAndToldBySigactionAsEver) { expect_unchanged({.argv = {"sets_by_sigaction"}}); }

// Seen to fail with as_program_sees() empty. (With watch_again() empty the death below has no
// record.)
class OtherMeans : public Dispositions, public testing::WithParamInterface<const char *> {};

TEST_P(OtherMeans, SetAndTellDispositionsAsEver) {
  expect_unchanged({.argv = {"sets_by_other_means", GetParam()}});
}

INSTANTIATE_TEST_SUITE_P(All, OtherMeans,
                         testing::Values("signal", "bsd_signal", "ssignal", "sysv_signal", "__sysv_signal",
                                         "sigset", "sigignore", "siginterrupt"),
                         [](const auto &info) { return std::string(info.param); });

// The shim guards itself against faults while cleanups run; what a cleanup is told is the program's. Seen to
// fail
// ("?") without see_through().
TEST_F(Dispositions, AreToldToACleanupAsToTheProgram) {
  const Command command{.argv = {program("prints_signal_view")},
                        .env = {{"AXSHIM_CLEANUP", "call:print_dispositions"}}};
  std::vector<std::string> told = lines(recorded(command).out);
  ASSERT_EQ(told.size(), 31U * 2 + 1);
  told.erase(told.begin() + 31);  // of the alternate stack
  EXPECT_EQ(std::vector(told.begin() + 31, told.end()), std::vector(told.begin(), told.begin() + 31));
}

// Of several that are let in at once the first one kills, not the last whose handler the kernel puts on top.
// Seen to fail (SIGTERM) with the program's mask in place of a full one, at the start, and with each of the
// two masks that libc's functions give.
class LetIn : public Dispositions, public testing::WithParamInterface<const char *> {};

TEST_P(LetIn, TogetherTheFirstSignalKills) {
  const Outcome end = expect_unchanged({.argv = {"lets_three_in", GetParam()}});
  EXPECT_EQ(end.status, killed(SIGHUP)) << describe(end.status);
  EXPECT_EQ(only_record(log())["termination"].value("signal", ""), "SIGHUP");
}

INSTANTIATE_TEST_SUITE_P(AsSetBy, LetIn, testing::Values("start", "sigaction", "signal"),
                         [](const auto &info) { return std::string(info.param); });

// Seen to fail (death by the signal) without the look at what was there in watch_signals().
TEST_F(Dispositions, IgnoredByNohupStayIgnored) {
  const Outcome end = expect_unchanged({.argv = {"/usr/bin/nohup", program("kills_itself"), "1"}});
  EXPECT_EQ(end.status, exited(0));
}

// It may come as soon as the program starts: here with the call that would have installed our handler. Seen
// to fail (death by the signal) with the signals not blocked in watch_signals().
TEST_F(Dispositions, IgnoredStayIgnoredWhileTheShimIsLoaded) {
  if (!std::filesystem::exists("/usr/bin/strace")) GTEST_SKIP() << "no strace";
  const Outcome end =
      recorded({.argv = {"/usr/bin/strace", "-o", file("trace"), "-e",
                         "inject=rt_sigaction:signal=SIGHUP:when=1", program("returns_status"), "5"},
                .env = {{"AXSHIM_PROGRAMS", "returns_status"}},
                .before_exec = [] { signal(SIGHUP, SIG_IGN); }});
  EXPECT_EQ(end.status, exited(5)) << describe(end.status);
  EXPECT_THAT(read_file(file("trace")), testing::HasSubstr("SIG_IGN"));
}

TEST_F(Dispositions, IgnoredByTheShellsTrapStayIgnored) {
  const std::string line = "trap '' INT; exec " + program("kills_itself") + " 2";
  EXPECT_EQ(expect_unchanged({.argv = {"/bin/sh", "-c", line}}).status, exited(0));
}

// The program's handler restores SIG_DFL, or SA_RESETHAND did, and sends itself the signal
// again. Seen to fail (no record) with watch_again() empty, and with the kernel's own SIG_DFL after
// SA_RESETHAND.
class Reraise : public Dispositions, public testing::WithParamInterface<const char *> {};

TEST_P(Reraise, DiesOfTheSameSignalWithARecord) {
  const Outcome end = expect_unchanged({.argv = {"reraises", GetParam()}});
  EXPECT_EQ(end.status, killed(SIGTERM)) << describe(end.status);
  EXPECT_EQ(only_record(log())["termination"].value("signal", ""), "SIGTERM");
}

INSTANTIATE_TEST_SUITE_P(After, Reraise, testing::Values("signal", "sigaction", "resethand"),
                         [](const auto &info) { return std::string(info.param); });

TEST_F(Dispositions, OfAHandlerThatReturnsLetTheProgramLive) {
  EXPECT_EQ(expect_unchanged({.argv = {"reraises", "not"}}).status, exited(5));
}

// Whichever way it sends it. Seen to fail (no record) for each without about_to_signal_self() in that hook,
// and for groups without the look at them in reaches_self().
class Itself : public Dispositions, public testing::WithParamInterface<const char *> {};

TEST_P(Itself, SignalledAgainInAOneShotHandlerDiesWithARecord) {
  const Outcome end = expect_unchanged({.argv = {"signals_itself", GetParam(), "15"}});
  EXPECT_EQ(end.status, killed(SIGTERM)) << describe(end.status);
  EXPECT_EQ(only_record(log())["termination"].value("signal", ""), "SIGTERM");
}

TEST_P(Itself, KilledDiesWithARecord) {
  const Outcome end = expect_unchanged({.argv = {"signals_itself", GetParam(), "9"}});
  EXPECT_EQ(end.status, killed(SIGKILL)) << describe(end.status);
  EXPECT_EQ(only_record(log())["termination"].value("signal", ""), "SIGKILL");
}

INSTANTIATE_TEST_SUITE_P(By, Itself,
                         testing::Values("raise", "kill", "kill_0", "kill_group", "killpg", "tgkill",
                                         "sigqueue"),
                         [](const auto &info) { return std::string(info.param); });

// Seen to fail (no record) for each without watch_again() in it, and for sigaction without
// with_our_handler().
class Restored : public Dispositions, public testing::WithParamInterface<const char *> {};

TEST_P(Restored, DefaultActionKillsWithARecord) {
  const auto terminate = [](pid_t pid) { kill(pid, SIGTERM); };
  const Outcome end = expect_unchanged({.argv = {"restores_default", GetParam()}, .interact = terminate});
  EXPECT_EQ(end.status, killed(SIGTERM)) << describe(end.status);
  EXPECT_EQ(only_record(log())["termination"].value("signal", ""), "SIGTERM");
}

INSTANTIATE_TEST_SUITE_P(By, Restored,
                         testing::Values("sigaction", "signal", "bsd_signal", "ssignal", "sysv_signal",
                                         "__sysv_signal", "sigset"),
                         [](const auto &info) { return std::string(info.param); });

// A handler of ours must not take what the program waits for; what is left kills, with a record.
TEST_F(Dispositions, DoNotMatterToBlockedSignals) {
  const Outcome end = expect_unchanged({.argv = {"waits_for_blocked"}});
  EXPECT_EQ(end.status, killed(SIGTERM)) << describe(end.status);
  EXPECT_EQ(only_record(log())["termination"].value("signal", ""), "SIGTERM");
}

}  // namespace
}  // namespace axshim_test
