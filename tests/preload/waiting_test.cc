// Nobody reads what a process writes as it ends, nor what `axshim run` writes: it ends all the same.
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "preload/runs.h"

namespace axshim_test {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::AllOf;
using testing::HasSubstr;
using testing::SizeIs;

// For before_exec: one system call is answered with an error, as sandboxes and old kernels do.
void refuse(unsigned number, unsigned error) {
  sock_filter code[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
                        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
                        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const sock_fprog filter = {std::size(code), code};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
    _exit(124);
}

// Far longer than a terminal, a pipe or a socket holds.
std::string many_cleanups() {
  std::string entries;
  for (int i = 0; i < 3000; ++i) entries += "unlink:/nonexistent/" + std::to_string(i) + ";";
  return entries;
}

void fill(int fd) {
  const int flags = fcntl(fd, F_GETFL);
  fcntl(fd, F_SETFL, flags | O_NONBLOCK);
  const char page[4096] = {};
  pollfd room = {fd, POLLOUT, 0};
  do {  // a terminal takes some more a little later
    while (write(fd, page, sizeof page) > 0) continue;
    while (write(fd, page, 1) > 0) continue;
  } while (poll(&room, 1, 100) == 1);
  fcntl(fd, F_SETFL, flags);
}

// As stderr something that takes no more, or not much more, and that nobody reads.
struct Unread {
  const char *name;
  std::function<void()> set;
};

void terminal(bool raw, bool stopped, bool full) {
  int master, slave;
  if (openpty(&master, &slave, nullptr, nullptr, nullptr) != 0) _exit(124);
  termios settings;
  tcgetattr(slave, &settings);
  if (raw) cfmakeraw(&settings);
  tcsetattr(slave, TCSANOW, &settings);
  if (full) fill(slave);
  if (stopped) tcflow(slave, TCOOFF);
  dup2(slave, 2);
}

void sockets(int type, bool full) {
  int ends[2];
  if (socketpair(AF_UNIX, type, 0, ends) != 0) _exit(124);
  if (full) fill(ends[1]);
  dup2(ends[1], 2);
}

const Unread kUnread[] = {
    {"CookedTerminal", [] { terminal(false, false, false); }},
    {"RawTerminal", [] { terminal(true, false, false); }},
    {"FullTerminal", [] { terminal(true, false, true); }},
    {"StoppedTerminal", [] { terminal(false, true, false); }},
    {"StoppedRawTerminal", [] { terminal(true, true, false); }},
    {"FullPipe", full_pipe_as_stderr},
    {"StreamSocket", [] { sockets(SOCK_STREAM, false); }},
    {"FullStreamSocket", [] { sockets(SOCK_STREAM, true); }},
    {"DatagramSocket", [] { sockets(SOCK_DGRAM, false); }},
    {"FullPacketSocket", [] { sockets(SOCK_SEQPACKET, true); }},
};

// As the kernel is, and where it lacks what tells a write not to wait, or a timer.
struct Lack {
  const char *name;
  std::function<void()> set;
};
const Lack kLacks[] = {
    {"", [] {}},
    {"WithoutPwritev2", [] { refuse(SYS_pwritev2, ENOSYS); }},
    {"WherePwritev2IsForbidden", [] { refuse(SYS_pwritev2, EPERM); }},
    {"WithoutTimers", [] { refuse(SYS_timer_create, EAGAIN); }},
};

class Reader : public PreloadTest, public testing::WithParamInterface<std::tuple<Unread, Lack>> {};

// Seen to hang on the terminals, all of whose records are longer than the room that poll saw.
TEST_P(Reader, WhoNeverComesIsNotWaitedFor) {
  for (const char *ends : {"kills_itself", "calls__exit"}) {
    Command command{.argv = {program(ends)}, .env = {{"AXSHIM_CLEANUP", many_cleanups()}}};
    command.env["AXSHIM_REPORT"] = "always";
    command.before_exec = [] {
      std::get<0>(GetParam()).set();
      std::get<1>(GetParam()).set();
    };
    const auto begin = steady_clock::now();
    EXPECT_EQ(preloaded(command).status, bare(command).status);
    EXPECT_LT(steady_clock::now() - begin, seconds(15)) << "200 ms are allowed";
  }
}

INSTANTIATE_TEST_SUITE_P(Of, Reader, testing::Combine(testing::ValuesIn(kUnread), testing::ValuesIn(kLacks)),
                         [](const auto &info) {
                           return std::string(std::get<0>(info.param).name) + std::get<1>(info.param).name;
                         });

class Sandboxed : public PreloadTest, public testing::WithParamInterface<Lack> {};

// Seen to fail (no record) without pwritev2.
TEST_P(Sandboxed, RecordsStillComeToAReader) {
  const Outcome end = recorded(
      {.argv = {program("calls__exit"), "7"},
       .env = {{"AXSHIM_LOG", "stderr"}, {"AXSHIM_FORMAT", "json"}, {"AXSHIM_CLEANUP", many_cleanups()}},
       .before_exec = [] { GetParam().set(); }});
  EXPECT_EQ(end.status, exited(7));
  EXPECT_THAT(outcomes(only_record(records_in(end.err))), SizeIs(testing::Ge(3000U)));
}

// The timer is no obstacle: a terminal that is read is given the record.
TEST_P(Sandboxed, TerminalsStillGetTheRecord) {
  int master, slave;
  ASSERT_EQ(openpty(&master, &slave, nullptr, nullptr, nullptr), 0);
  const Outcome end = recorded({.argv = {program("calls__exit"), "7"},
                                .env = {{"AXSHIM_LOG", "stderr"}, {"AXSHIM_FORMAT", "json"}},
                                .before_exec = [&] {
                                  dup2(slave, 2);
                                  GetParam().set();
                                }});
  EXPECT_EQ(end.status, exited(7));
  std::string text(1 << 16, '\0');
  text.resize(static_cast<size_t>(std::max<ssize_t>(read(master, text.data(), text.size()), 0)));
  close(master);
  close(slave);
  EXPECT_THAT(records_in(text), SizeIs(1)) << text;
}

INSTANTIATE_TEST_SUITE_P(Where, Sandboxed, testing::ValuesIn(kLacks), [](const auto &info) {
  return *info.param.name != '\0' ? std::string(info.param.name) : "NothingIsLacking";
});

// What `axshim run` has to write itself is the record of what vanished: it goes to stderr then, after a line
// that says why.
class RunLog : public Run {
 protected:
  void expect_given_up(const std::string &log, const std::string &why,
                       std::function<void()> before_exec = {}) {
    // Two, of which the second is not waited for again.
    const std::string script = program("exits_unseen") + "; " + program("exits_unseen") + "; exit 3";
    Command command = this->command({"--log", log, "--format", "json", "sh", "-c", script});
    command.before_exec = std::move(before_exec);
    command.deadline = seconds(20);
    const Outcome end = bare(command);
    EXPECT_EQ(end.status, exited(3)) << describe(end.status);
    EXPECT_THAT(records_in(end.err), SizeIs(2)) << end.err;
    EXPECT_THAT(end.err, HasSubstr("axshim: cannot write to " + log + ": " + why + "; what it lacks"));
  }
};

// Seen to hang: the open waited for a reader.
TEST_F(RunLog, OnAPipeThatNobodyReadsGoesToStderr) {
  const Path pipe = file("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  expect_given_up(pipe, "No such device or address");
}

// Seen to hang.
TEST_F(RunLog, OnAFullPipeGoesToStderr) {
  const Path pipe = file("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const int reader = open(pipe.c_str(), O_RDWR | O_CLOEXEC);
  fill(reader);
  expect_given_up(pipe, "nobody read it for 200 ms");
  close(reader);
}

// Seen to hang.
TEST_F(RunLog, OnAFullDescriptorGoesToStderr) {
  expect_given_up("fd:7", "nobody read it for 200 ms", [] {
    const int err = dup(2);
    full_pipe_as_stderr();
    dup2(2, 7);
    dup2(err, 2);
    close(err);
  });
}

// The one line that says so. Seen to hang, with SIGTERM blocked.
TEST_F(RunLog, OfAProgramThatCannotBeStartedMayBeUnread) {
  Command command = this->command({dir()});
  command.before_exec = full_pipe_as_stderr;
  EXPECT_EQ(bare(command).status, exited(126));
}

// Once a second it tells for whom it waits. Seen to fail: it waited for the terminal, deaf to SIGTERM.
TEST_F(RunLog, AtATerminalThatNobodyReadsLeavesItInterruptible) {
  int master, slave;
  ASSERT_EQ(openpty(&master, &slave, nullptr, nullptr, nullptr), 0);
  fill(slave);
  const Path gate = file("gate");
  ASSERT_EQ(mkfifo(gate.c_str(), 0600), 0);
  Command waits = command({"--wait", "1m", "sh", "-c", "(read line <" + gate.string() + ") & echo ready"});
  waits.before_exec = [&] { dup2(slave, 2); };
  bool ended = false;
  waits.interact = [&](pid_t pid) {
    // The first ends the waiting, the next the writing of what there is to tell.
    for (const auto begin = steady_clock::now(); !ended && steady_clock::now() - begin < seconds(20);) {
      kill(pid, SIGTERM);
      siginfo_t info = {};
      waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT);
      ended = info.si_pid == pid;
    }
    close(open(gate.c_str(), O_WRONLY | O_NONBLOCK));
  };
  EXPECT_EQ(bare(waits).status, killed(SIGTERM));
  EXPECT_TRUE(ended);
  close(master);
  close(slave);
}

class Turns : public PreloadTest {
 protected:
  // The system calls on stderr, which is a pipe, in the order in which they were made.
  std::string calls(const Command &traced, const std::string &to_trace) {
    const Path trace = file("trace");
    Command command = traced;
    const Words words = {"/usr/bin/strace", "-f", "-o", trace, "-e", "trace=fcntl,write,pwritev2"};
    command.argv.insert(command.argv.begin(), words.begin(), words.end());
    command.env["AXSHIM_PROGRAMS"] = to_trace;
    EXPECT_THAT(records_in(preloaded(command).err), SizeIs(1));
    std::string result;
    for (const std::string &line : lines(read_file(trace))) {
      if (line.find("F_WRLCK") != line.npos) result += "lock ";
      if (line.find("F_UNLCK") != line.npos) result += "unlock ";
      if (line.find("pwritev2(") != line.npos) result += "write ";
    }
    return result;
  }
};

// What goes in pieces stays whole, for one process at a time writes. The lock is the process's, since the
// open file may be common to all. Seen to fail (no lock).
TEST_F(Turns, AreTakenByThoseThatWriteToOnePipe) {
  if (!std::filesystem::exists("/usr/bin/strace")) GTEST_SKIP() << "no strace";
  const Command command{.argv = {program("calls__exit"), "7"},
                        .env = {{"AXSHIM_FORMAT", "json"},
                                {"AXSHIM_REPORT", "always"},
                                {"AXSHIM_CLEANUP", "unlink:/nonexistent/" + std::string(4000, 'x')}}};
  EXPECT_THAT(calls(command, "calls__exit"), testing::MatchesRegex("lock write write (write )*unlock "));
}

// It may be stopped. Seen to hang without the timer.
TEST_F(Turns, AreNotWaitedForWhereAnotherDoesNotGiveItBack) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0, .l_pid = 0};
  ASSERT_EQ(fcntl(ends[1], F_SETLK, &all), 0);
  const Outcome end = recorded({.argv = {program("calls__exit"), "7"},
                                .env = {{"AXSHIM_LOG", "stderr"}, {"AXSHIM_FORMAT", "json"}},
                                .before_exec = [&] { dup2(ends[1], 2); }});
  close(ends[1]);
  EXPECT_EQ(end.status, exited(7));
  std::string text(1 << 16, '\0');
  text.resize(static_cast<size_t>(std::max<ssize_t>(read(ends[0], text.data(), text.size()), 0)));
  close(ends[0]);
  EXPECT_THAT(records_in(text), SizeIs(1));
}

}  // namespace
}  // namespace axshim_test
