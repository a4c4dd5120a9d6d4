#include "base/signals.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <string.h>

#include <string>

namespace axshim {
namespace {

SignalSet parsed(std::string_view list) {
  char reason[400];
  Text why(reason);
  SignalSet set;
  EXPECT_TRUE(parse_signals(list, set, why)) << list << ": " << why.c_str();
  return set;
}

std::string refused(std::string_view list) {
  char reason[400];
  Text why(reason);
  SignalSet set{42};
  EXPECT_FALSE(parse_signals(list, set, why)) << list;
  EXPECT_EQ(set.bits, 42u);
  EXPECT_FALSE(why.truncated());
  EXPECT_LE(why.size(), 300u);
  EXPECT_NE(why.view().find("(allowed: "), std::string_view::npos) << why.c_str();
  return why.c_str();
}

bool has(const std::string &text, const char *part) { return text.find(part) != std::string::npos; }

TEST(SignalName, AgreesWithLibc) {
  EXPECT_EQ(kRealtimeMin, SIGRTMIN);
  EXPECT_EQ(kRealtimeMax, SIGRTMAX);
  for (int signo = 1; signo < 32; signo++) {
    const std::string libc = signo == SIGIO ? "IO" : sigabbrev_np(signo);
    EXPECT_EQ(signal_name(signo), "SIG" + libc);
    EXPECT_EQ(signal_number(libc), signo);
  }
}

TEST(SignalName, NamesTheRealtimeOnes) {
  EXPECT_EQ(signal_name(34), "SIGRTMIN");
  EXPECT_EQ(signal_name(37), "SIGRTMIN+3");
  EXPECT_EQ(signal_name(63), "SIGRTMIN+29");
  EXPECT_EQ(signal_name(64), "SIGRTMAX");
  for (int signo = 34; signo <= 64; signo++) EXPECT_EQ(signal_number(signal_name(signo)), signo);
}

TEST(SignalName, IsEmptyForWhatIsNone) {
  for (int signo : {-1, 0, 32, 33, 65, 1000}) EXPECT_EQ(signal_name(signo), "") << signo;
}

TEST(SignalNumber, TakesEverySpelling) {
  for (const char *name : {"TERM", "SIGTERM", "term", "SigTerm", "15"})
    EXPECT_EQ(signal_number(name), SIGTERM) << name;
  EXPECT_EQ(signal_number("RTMIN+3"), 37);
  EXPECT_EQ(signal_number("SIGRTMIN"), 34);
  EXPECT_EQ(signal_number("RTMIN+0"), 34);
  EXPECT_EQ(signal_number("RTMIN+30"), 64);
  EXPECT_EQ(signal_number("RTMAX-1"), 63);
  EXPECT_EQ(signal_number("RTMAX-30"), 34);
  EXPECT_EQ(signal_number("IOT"), SIGABRT);
  EXPECT_EQ(signal_number("CLD"), SIGCHLD);
  EXPECT_EQ(signal_number("SIGPOLL"), SIGIO);
}

TEST(SignalNumber, IsZeroForWhatIsNone) {
  for (const char *name : {"",        "SIG",      "FOO",    "0",         "32",      "33",        "65",
                           "100",     "-1",       "1x",     "SIG15",     "RTMIN-1", "RTMIN+31",  "RTMIN+",
                           "RTMAX+1", "RTMAX-31", "RTMIN3", "RTMIN+999", "TERM ",   "SIGSIGTERM"})
    EXPECT_EQ(signal_number(name), 0) << name;
}

TEST(CodeName, KnowsWhatLinuxSends) {
  EXPECT_STREQ(code_name(SIGTERM, SI_USER), "SI_USER");
  EXPECT_STREQ(code_name(SIGSEGV, SI_TKILL), "SI_TKILL");
  EXPECT_STREQ(code_name(SIGSEGV, SI_KERNEL), "SI_KERNEL");
  EXPECT_STREQ(code_name(40, SI_QUEUE), "SI_QUEUE");
  EXPECT_STREQ(code_name(SIGALRM, SI_TIMER), "SI_TIMER");
  EXPECT_STREQ(code_name(SIGIO, SI_ASYNCNL), "SI_ASYNCNL");
  EXPECT_STREQ(code_name(SIGSEGV, SEGV_MAPERR), "SEGV_MAPERR");
  EXPECT_STREQ(code_name(SIGSEGV, SEGV_PKUERR), "SEGV_PKUERR");
  EXPECT_STREQ(code_name(SIGBUS, BUS_ADRERR), "BUS_ADRERR");
  EXPECT_STREQ(code_name(SIGBUS, BUS_MCEERR_AO), "BUS_MCEERR_AO");
  EXPECT_STREQ(code_name(SIGFPE, FPE_INTDIV), "FPE_INTDIV");
  EXPECT_STREQ(code_name(SIGFPE, FPE_CONDTRAP), "FPE_CONDTRAP");
  EXPECT_STREQ(code_name(SIGILL, ILL_ILLOPN), "ILL_ILLOPN");
  EXPECT_STREQ(code_name(SIGTRAP, TRAP_BRKPT), "TRAP_BRKPT");
  EXPECT_STREQ(code_name(SIGSYS, 1), "SYS_SECCOMP");
  EXPECT_STREQ(code_name(SIGIO, POLL_HUP), "POLL_HUP");
}

TEST(CodeName, IsNullForWhatIsUnknown) {
  EXPECT_EQ(code_name(SIGTERM, 1), nullptr);
  EXPECT_EQ(code_name(SIGSEGV, 99), nullptr);
  EXPECT_EQ(code_name(SIGSEGV, -99), nullptr);
  EXPECT_EQ(code_name(0, 1), nullptr);
}

TEST(SignalSet, HoldsOneTo64) {
  SignalSet set;
  for (int signo : {1, 64}) set.add(signo);
  for (int signo : {0, -1, 65, 1000}) set.add(signo);
  EXPECT_EQ(set.bits, 0x8000000000000001u);
  EXPECT_FALSE(set.contains(0));
  set.remove(64);
  set.remove(1);
  EXPECT_TRUE(set.empty());
}

TEST(ParseSignals, DefaultIsEveryStandardSignalThatEndsTheProcess) {
  const SignalSet set = parsed("default");
  EXPECT_EQ(set, kDefaultSignals);
  for (int signo : {SIGPIPE,   SIGXCPU, SIGXFSZ, SIGALRM, SIGVTALRM, SIGPROF, SIGUSR1, SIGUSR2,
                    SIGSTKFLT, SIGIO,   SIGPWR,  SIGSYS,  SIGHUP,    SIGINT,  SIGQUIT, SIGILL,
                    SIGTRAP,   SIGABRT, SIGBUS,  SIGFPE,  SIGSEGV,   SIGTERM})
    EXPECT_TRUE(set.contains(signo)) << signo;
  EXPECT_EQ(__builtin_popcountll(set.bits), 22);
}

TEST(ParseSignals, AllAddsTheRealtimeOnesButNeverLibcsOwn) {
  EXPECT_EQ(parsed("all").bits, kDefaultSignals.bits | ~uint64_t{0} << 33);
  EXPECT_TRUE(parsed("none").empty());
}

TEST(ParseSignals, AddsAndRemovesInOrder) {
  EXPECT_EQ(parsed("TERM,INT,SEGV").bits, 1u << 14 | 1u << 1 | 1u << 10);
  EXPECT_EQ(parsed("default,-USR1").bits, kDefaultSignals.bits & ~(1u << 9));
  EXPECT_EQ(parsed("default, RTMIN+3").bits, kDefaultSignals.bits | uint64_t{1} << 36);
  EXPECT_EQ(parsed("all,-RTMAX-1").bits, kAllSignals.bits & ~(uint64_t{1} << 62));
  EXPECT_EQ(parsed("none,15,-15,sigint").bits, 1u << 1);
}

TEST(ParseSignals, SaysWhichPartIsWrongAndWhy) {
  EXPECT_TRUE(
      has(refused("TERM,FOO"), "'FOO' is not a signal (allowed: default, all, none, HUP, INT, QUIT,"));
  EXPECT_TRUE(has(refused("KILL"), "'KILL' can't be caught"));
  EXPECT_TRUE(has(refused("default,-SIGSTOP"), "'SIGSTOP' can't be caught"));
  EXPECT_TRUE(has(refused("CHLD"), "'CHLD' does not end a process by default"));
  EXPECT_TRUE(has(refused("WINCH"), "does not end a process by default"));
  EXPECT_TRUE(has(refused("33"), "'33' is not a signal"));
  EXPECT_TRUE(has(refused("TERM,default"), "'default' must come first"));
  EXPECT_TRUE(has(refused("-USR1"), "'-USR1' removes from nothing"));
  EXPECT_TRUE(has(refused("\x1b[31m"), "'\\x1b[31m' is not a signal"));
  for (const char *bad : {"", ",", "TERM,", "TERM INT", "default,-", "Default", "TERM;INT"}) refused(bad);
}

TEST(ParseGracefulSignals, TakesNoneOrAList) {
  char buffer[600];
  Text why(buffer);
  SignalSet set;
  set.add(SIGHUP);
  ASSERT_TRUE(parse_graceful_signals("TERM, SIGINT,usr1,RTMIN+3", set, why));
  EXPECT_EQ(set.bits, uint64_t{1} << (SIGTERM - 1) | uint64_t{1} << (SIGINT - 1) |
                          uint64_t{1} << (SIGUSR1 - 1) | uint64_t{1} << 36);
  ASSERT_TRUE(parse_graceful_signals("none", set, why));
  EXPECT_TRUE(set.empty());
}

// After a fault no ordinary code may run.
TEST(ParseGracefulSignals, RefusesFaultsAndSaysWhatIsAllowed) {
  for (const char *list : {"TERM,SEGV", "ABRT", "BUS", "ILL", "FPE", "TRAP", "SYS", "KILL", "STOP", "CHLD",
                           "WINCH", "all", "default", "", "TERM,", "-TERM"}) {
    char buffer[600];
    Text why(buffer);
    SignalSet set;
    EXPECT_FALSE(parse_graceful_signals(list, set, why)) << list;
    EXPECT_TRUE(set.empty()) << list;
    EXPECT_NE(why.view().find("allowed: none, HUP, INT"), std::string_view::npos) << why.view();
    EXPECT_EQ(why.view().find("SEGV,"), std::string_view::npos) << why.view();
    EXPECT_FALSE(why.truncated());
  }
}

}  // namespace
}  // namespace axshim
