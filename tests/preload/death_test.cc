// A death by signal is the same death: wait status, and in the core file the siginfo, the registers, the
// threads.
#include <signal.h>
#include <sys/personality.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

using testing::StartsWith;

struct Death {
  std::string title;
  std::vector<std::string> argv;
  int number;
  const char *siginfo = "";  // how gdb prints what else the siginfo holds
};

void PrintTo(const Death &death, std::ostream *out) { *out << death.title; }

std::string title(const testing::TestParamInfo<Death> &info) { return info.param.title; }

class Died : public PreloadTest, public testing::WithParamInterface<Death> {
 protected:
  Command command() const {
    Command result{
        .argv = GetParam().argv, .env = {{"AXSHIM_CLEANUP", "unlink:lock"}}, .core = RLIM_INFINITY};
    result.argv[0] = program(result.argv[0]);
    result.before_exec = [] { personality(ADDR_NO_RANDOMIZE); };  // main is where it was
    return result;
  }
};

// What does not come again when the handler returns was survived, with status 0. Seen to fail
// so (but for faults, which come again) with die_on_return() that only sets SIG_DFL.
TEST_P(Died, OfTheSameSignal) {
  const Outcome plain = bare(command()), end = recorded(command());
  EXPECT_EQ(WTERMSIG(plain.status), GetParam().number) << describe(plain.status);
  expect_same(plain, end);
}

INSTANTIATE_TEST_SUITE_P(ByOthers, Died,
                         testing::Values(Death{"Sigterm", {"kills_itself", "15"}, SIGTERM},
                                         Death{"Alarm", {"waits_for_alarm"}, SIGALRM}),
                         title);

const Death kWithCore[] = {
    {"NullDereference", {"derefs_null"}, SIGSEGV, "p $_siginfo._sifields._sigfault.si_addr"},
    {"DivisionByZero", {"divides_by_zero"}, SIGFPE, "info symbol $_siginfo._sifields._sigfault.si_addr"},
    {"IllegalInstruction",
     {"illegal_instruction"},
     SIGILL,
     "info symbol $_siginfo._sifields._sigfault.si_addr"},
#if defined(__x86_64__)
    {"NoncanonicalAddress", {"derefs_noncanonical"}, SIGSEGV, "p $_siginfo._sifields._sigfault.si_addr"},
    {"Breakpoint", {"breakpoint"}, SIGTRAP, "p $_siginfo._sifields._sigfault.si_addr"},
#endif
    {"TrappedSystemCall",
     {"traps_system_call"},
     SIGSYS,
     "info symbol $_siginfo._sifields._sigsys._call_addr"},
    {"StackOverflowOfAThread", {"overflows_stack", "thread"}, SIGSEGV},
    {"KillOfItself", {"kills_itself", "3"}, SIGQUIT, "p $_siginfo._sifields._kill.si_uid"},
    {"Raise", {"raises_signal", "3"}, SIGQUIT, "p $_siginfo._sifields._kill.si_uid"},
    {"Abort", {"calls_abort"}, SIGABRT, "p $_siginfo._sifields._kill.si_uid"},
};

INSTANTIATE_TEST_SUITE_P(By, Died, testing::ValuesIn(kWithCore), title);

// What a core file tells: the lines of gdb that hold a value, or where an address is.
class Core : public Died {
 protected:
  std::string told_by(const Outcome &end) {
    std::vector<std::string> argv = {"/usr/bin/gdb", "-nx", "-batch", program(GetParam().argv[0]),
                                     core_file(end)};
    for (const char *line : {"p $_siginfo.si_signo", "p $_siginfo.si_code", "p $_siginfo.si_errno",
                             "info symbol $pc", "p $_inferior_thread_count", GetParam().siginfo}) {
      argv.insert(argv.end(), {"-ex", line});
    }
    std::string told;
    for (const std::string &line : lines(bare({.argv = argv}).out)) {
      // At which instruction the stack ends is a matter of what the thread's first frames take.
      const size_t end = line.find(" + ") != line.npos && GetParam().argv[0] == "overflows_stack"
                             ? line.find(" + ")
                             : line.npos;
      if (line.starts_with("$") || line.find(" in section ") != line.npos) told += line.substr(0, end) + "\n";
    }
    return told;
  }

 private:
  static Path core_file(const Outcome &end) {
    const Path with_pid = end.cwd / ("core." + std::to_string(end.pid));
    return exists(with_pid) ? with_pid : end.cwd / "core";
  }
};

// Seen to fail (si_code, si_addr) with tgkill in place of rt_tgsigqueueinfo. Only the top frame is
// compared: below it may be a hook of ours.
TEST_P(Core, IsTheSame) {
  if (!std::filesystem::exists("/usr/bin/gdb")) GTEST_SKIP() << "no gdb";
  if (read_file("/proc/sys/kernel/core_pattern") != "core\n") GTEST_SKIP() << "core files go elsewhere";
  const std::string expected = told_by(bare(command()));
  EXPECT_THAT(expected, StartsWith("$1 = " + std::to_string(GetParam().number) + "\n$2 = "));
  EXPECT_EQ(told_by(recorded(command())), expected);
}

INSTANTIATE_TEST_SUITE_P(Of, Core, testing::ValuesIn(kWithCore), title);

using Key = PreloadTest;

// The terminal's signals are the kernel's own (SI_KERNEL), which no process may send: Ctrl-C was
// survived.
TEST_F(Key, ThatInterruptsKills) {
  for (const char *key : {"3", "28"}) {
    const Command command{.argv = {program("gets_interrupt_key"), key}};
    const Outcome plain = bare(command), end = recorded(command);
    EXPECT_EQ(plain.out, "wait status " + std::string(key[0] == '3' ? "0x2\n" : "0x3\n"));
    expect_same(plain, end);
  }
  EXPECT_EQ(records_of(log()).at(0)["termination"].value("code", ""), "SI_KERNEL");
}

}  // namespace
}  // namespace axshim_test
