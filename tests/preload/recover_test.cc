// `axshim recover`: what it does, and of what it keeps its hands off.
#include <elf.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#include <fstream>
#include <iterator>
#include <random>
#include <sstream>

#include "preload/journals.h"
#include "record/journal_layout.h"

namespace axshim_test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Not;

#if defined(__x86_64__)
long number_of(const user_regs_struct &registers) { return static_cast<long>(registers.orig_rax); }
#else
long number_of(const user_regs_struct &registers) { return static_cast<long>(registers.regs[8]); }
#endif

class Recovery : public Journal {
 protected:
  void change(uint64_t offset, const std::string &bytes) {
    std::fstream journal(files().at(0), std::ios::in | std::ios::out | std::ios::binary);
    journal.seekp(static_cast<std::streamoff>(offset));
    journal << bytes;
  }

  // Stopped in front of its first instruction after its second exec, the one of its own.
  pid_t start_traced(const std::string &path) {
    const pid_t pid = fork();
    if (pid == 0) {
      setenv("LD_PRELOAD", library().c_str(), 1);
      setenv("AXSHIM_DIR", journals().c_str(), 1);
      setenv("AXSHIM_CLEANUP", "write:log=once", 1);
      const int null = open("/dev/null", O_WRONLY);
      if (chdir(file("there").c_str()) != 0 || dup2(null, 1) != 1) _exit(126);
      ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
      execl(path.c_str(), path.c_str(), nullptr);
      _exit(127);
    }
    for (int execs = 0, status; execs < 2; ++execs) {
      EXPECT_EQ(waitpid(pid, &status, 0), pid);
      if (execs == 0) ptrace(PTRACE_SETOPTIONS, pid, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
      if (execs == 0) ptrace(PTRACE_CONT, pid, nullptr, nullptr);
    }
    return pid;
  }
  // Past so many stops at system calls; false where main prints before.
  static bool step(pid_t pid, int steps) {
    for (int i = 0, status; i < steps; ++i) {
      user_regs_struct registers = {};
      ptrace(PTRACE_SYSCALL, pid, nullptr, nullptr);
      if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status)) return false;
      iovec where = {&registers, sizeof registers};
      ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &where);
      if (number_of(registers) == SYS_write) return false;
    }
    return true;
  }
  static void kill_and_wait_traced(pid_t pid) {
    kill(pid, SIGKILL);
    for (int status = 0; waitpid(pid, &status, 0) == pid && !WIFSIGNALED(status);) continue;
  }
};

TEST_F(Recovery, OfAProcessThatLivesIsLeftAlone) {
  Command command{.argv = {program("waits_with_cleanups")}, .cwd = file("there")};
  create_directory(command.cwd);
  write_file(command.cwd / "lock", "x");
  Outcome end;
  command.interact = [&](pid_t pid) {
    end = recover();
    kill(pid, SIGKILL);
  };
  preloaded(with_journal(command));
  EXPECT_EQ(end.status, exited(0));
  EXPECT_EQ(end.out + end.err, "");
  EXPECT_TRUE(is_locked());
}

// Seen to fail (float) where each name is taken for one of C++.
TEST_F(Recovery, NamesFunctionsOfCAsTheyAre) {
  const Path source = make_file("f.c", R"(
    #include <signal.h>
    #include <stdlib.h>
    void f(void) {}
    int main(void) { return atexit(f) || raise(SIGKILL); })");
  EXPECT_EQ(bare({.argv = {"/usr/bin/gcc", "-rdynamic", "-o", file("f"), source}}).status, exited(0));
  preloaded(with_journal({.argv = {file("f")}}));
  EXPECT_THAT(lines(recover().out), Contains(MatchesRegex("axshim:   skipped  f  atexit  .*")));
}

TEST_F(Recovery, ShowsNoControlCharacters) {
  const std::string name = "red\033[31m";
  std::filesystem::copy(program("waits_with_cleanups"), file(name));
  preloaded(with_journal({.argv = {file(name)}, .interact = kill_it}));
  const Outcome end = recover();
  EXPECT_THAT(end.out, AllOf(HasSubstr("red\\x1b[31m["), Not(HasSubstr("\033"))));
  const Path bad = make_file(name + " text", "text\n");
  for (const char *command : {"run", "recover", "doctor", "report"}) {
    const Outcome refusal = bare({.argv = {Path(AXSHIM_BUILD) / "axshim", command, bad}});
    EXPECT_THAT(refusal.err, AllOf(HasSubstr("red\\x1b[31m"), Not(HasSubstr("\033")))) << command;
  }
}

// What tells its boots from those of other machines; a minimal one has none.
bool has_machine_id() { return read_file("/etc/machine-id").size() > 1; }

TEST_F(Recovery, OfAnotherMachineIsUnknown) {
  if (!has_machine_id()) GTEST_SKIP() << "no /etc/machine-id";
  killed_one();
  change(offsetof(axshim::JournalHeader, machine_id), "0123456789abcdef0123456789abcdef");
  EXPECT_THAT(recover().err, HasSubstr("left alone: it is of another machine"));
  EXPECT_TRUE(is_locked());
}

TEST_F(Recovery, OfAnotherNamespaceIsUnknown) {
  killed_one();
  change(offsetof(axshim::JournalHeader, pid_namespace), "12345678");
  EXPECT_THAT(recover().err, HasSubstr("left alone: it is of another PID namespace"));
  EXPECT_TRUE(is_locked());
}

TEST_F(Recovery, OfAnotherBootIsOfTheDead) {
  if (!has_machine_id()) GTEST_SKIP() << "no /etc/machine-id";
  const int pid = getpid();
  const std::string own_pid(reinterpret_cast<const char *>(&pid), sizeof pid);
  killed_one();
  change(offsetof(axshim::JournalHeader, pid), own_pid);
  change(offsetof(axshim::JournalHeader, boot_id), "01234567-89ab-cdef-0123-456789abcdef");
  EXPECT_EQ(recover().status, exited(0));
  EXPECT_FALSE(is_locked());
}

TEST_F(Recovery, ThatMayBePlantedIsRefused) {
  killed_one();
  const Path journal = files()[0], aside = file("aside");
  const auto refused = [&](const std::string &why) {
    const Outcome end = recover();
    EXPECT_THAT(lines(end.err), ElementsAre(AllOf(HasSubstr(journal.string()), HasSubstr(why))));
    EXPECT_EQ(end.status, exited(1));
    EXPECT_TRUE(is_locked());
  };
  chmod(journal.c_str(), 0620);
  refused("others may read or write it");
  chmod(journal.c_str(), 0600);
  create_hard_link(journal, aside);
  refused("2 links");
  std::filesystem::remove(journal);
  create_symlink(aside, journal);
  refused("a symbolic link");
  std::filesystem::remove(journal);
  create_directory(journal);
  refused("not a regular file");
  std::filesystem::remove(journal);
  mkfifo(journal.c_str(), 0600);
  refused("not a regular file");
  std::filesystem::remove(journal);
  if (geteuid() == 0) {
    copy_file(aside, journal);
    EXPECT_EQ(chown(journal.c_str(), 65534, 65534), 0);
    refused("another user");
    std::filesystem::remove(journal);
  }
  rename(aside, journal);
  chmod(journals().c_str(), 0770);
  EXPECT_THAT(recover().err, HasSubstr("others can write it, so its journals are not trusted"));
  EXPECT_TRUE(is_locked());
}

TEST_F(Recovery, LeavesWhatALiveProcessDeclaredToo) {
  killed_one();
  Command command{.argv = {program("waits_with_cleanups")}, .cwd = file("there")};
  Outcome end;
  command.interact = [&](pid_t pid) {
    end = recover();
    kill(pid, SIGKILL);
  };
  preloaded(with_journal(command));
  EXPECT_THAT(lines(end.out), Contains(AllOf(HasSubstr("skipped"), HasSubstr("lock"),
                                             HasSubstr("a process that may live has declared it too"))));
  EXPECT_TRUE(is_locked());
}

// A process that lives and has declared unlink:lock, while `act` is at work.
class RecoveryOfTheLiving : public Recovery {
 protected:
  void SetUp() override {
    create_directory(file("there"));
    write_file(file("there") / "lock", "x");
  }
  Outcome declares(const std::string &entry, std::vector<std::string> argv, std::function<void(pid_t)> act) {
    Command command{.argv = std::move(argv), .cwd = file("there"), .interact = std::move(act)};
    command.env["AXSHIM_CLEANUP"] = entry;
    return preloaded(with_journal(command));
  }
  // Of the worker and its master.
  std::vector<pid_t> pids() const {
    std::istringstream words(read_file(file("there") / "worker"));
    return {std::istream_iterator<pid_t>(words), {}};
  }
  static void kill_and_wait(pid_t pid, int signal = SIGKILL) {
    const int pidfd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
    kill(pid, signal);
    pollfd gone = {pidfd, POLLIN, 0};
    EXPECT_EQ(poll(&gone, 1, 30000), 1);
    close(pidfd);
  }
  void die_declaring(const std::string &entry) { declares(entry, {program("waits_for_signal")}, kill_it); }
  void expect_left(
      std::vector<std::string> argv, const std::function<void()> &meddle = [] {}) {
    declares("unlink:lock", std::move(argv), [&](pid_t pid) {
      meddle();
      const Outcome end = recover();
      EXPECT_TRUE(is_locked()) << end.out << end.err;
      kill(pid, SIGKILL);
    });
  }
};

TEST_F(RecoveryOfTheLiving, IsLeftAloneWithoutItsMainThread) { expect_left({program("ends_main_thread")}); }

TEST_F(RecoveryOfTheLiving, IsAClaimWhoeverRecovers) {
  die_declaring("unlink:lock");
  const std::vector<Path> dead = files();
  expect_left({program("waits_for_signal")}, [&] {
    for (const Path &journal : files()) {
      if (journal == dead[0]) continue;
      const int fd = open(journal.c_str(), O_RDONLY | O_CLOEXEC);
      EXPECT_EQ(flock(fd, LOCK_EX), 0);  // as another recovery does; the test's end closes it
      EXPECT_TRUE(geteuid() != 0 || chown(journal.c_str(), 65534, 65534) == 0);
    }
  });
}

TEST_F(RecoveryOfTheLiving, IsAClaimHoweverThePathIsWritten) {
  const std::string here = file("there").string(), link = file("link").string();
  std::filesystem::create_directory_symlink(here, link);
  const std::vector<std::string> entries = {
      "unlink:./lock",           "unlink:" + here + "//lock", "unlink:" + link + "/lock",
      "rmtree:" + here + "/",    "rmtree:" + here + "/.",     "rmtree:" + here + "/../there",
      "rmtree:" + here + "/.//."};
  for (const std::string &entry : entries) die_declaring(entry);
  expect_left({program("waits_for_signal")});
  EXPECT_TRUE(is_locked());
}

// Workers inherit the master's entries, and declare nothing themselves.
TEST_F(RecoveryOfTheLiving, IsNoClaimForWhatIsInherited) {
  declares("unlink:lock", {program("keeps_a_worker")}, [&](pid_t pid) {
    kill_and_wait(pid);
    EXPECT_THAT(recover().out, HasSubstr("1 cleanup, 1 recovered"));
    EXPECT_FALSE(is_locked());
    kill(pids().at(0), SIGKILL);
  });
}

TEST_F(RecoveryOfTheLiving, KeepsWhatWasLeftForLater) {
  die_declaring("unlink:lock");
  expect_left({program("waits_for_signal")});
  EXPECT_THAT(files(), testing::SizeIs(2));
  EXPECT_THAT(recover().out, HasSubstr("1 cleanup, 1 recovered"));
  EXPECT_FALSE(is_locked());
  EXPECT_THAT(files(), IsEmpty());
}

// Seen to be lost with the daemon, and done a second time for its parent.
TEST_F(RecoveryOfTheLiving, HasItsDaemonEntriesDoneOnce) {
  for (const int signal : {SIGKILL, SIGTERM}) {
    write_file(file("there") / "lock", "x");
    std::filesystem::remove(file("there") / "worker");
    declares("unlink:lock @daemon;write:log=done @daemon", {program("keeps_a_worker"), "daemon"}, nullptr);
    kill_and_wait(pids().at(1), signal);
    if (signal == SIGKILL) {
      EXPECT_TRUE(is_locked());
      recover();
      EXPECT_TRUE(is_locked()) << "its worker might be the daemon";
    }
    kill_and_wait(pids().at(0));
    recover();
    EXPECT_FALSE(is_locked());
    EXPECT_THAT(files(), IsEmpty());
    EXPECT_EQ(read_file(file("there") / "log"), "done\n") << strsignal(signal);
    std::filesystem::remove(file("there") / "log");
  }
}

TEST_F(RecoveryOfTheLiving, IsLeftAloneInAnotherTimeNamespace) {
  Command command{.argv = {"/usr/bin/unshare", "--time", "--boottime", "1000", "/bin/true"},
                  .cwd = file("there")};
  if (bare(command).status != 0) GTEST_SKIP() << "may not make a time namespace here";
  command.argv.back() = "/usr/bin/env";
  command.argv.push_back("AXSHIM_CLEANUP=unlink:lock");
  command.argv.push_back("AXSHIM_DIR=" + journals().string());
  command.argv.push_back("LD_PRELOAD=" + library().string());
  command.argv.push_back(program("waits_for_signal"));
  command.interact = [&](pid_t pid) {
    EXPECT_THAT(recover().err,
                HasSubstr("left alone: there is a process of that pid in another time namespace"));
    kill(pid, SIGKILL);
  };
  bare(command);
  EXPECT_TRUE(is_locked());
}

TEST_F(RecoveryOfTheLiving, IsLeftAloneWhereNobodyCanLook) {
  if (bare({.argv = {"/usr/bin/unshare", "--mount", "/bin/true"}}).status != 0)
    GTEST_SKIP() << "may not mount here";
  declares("unlink:lock", {program("waits_for_signal")}, [&](pid_t pid) {
    Command blind{.argv = {Path(AXSHIM_BUILD) / "axshim", "recover", journals()}};
    blind.before_exec = without_proc;
    EXPECT_THAT(bare(blind).err, HasSubstr("left alone: without /proc"));
    EXPECT_TRUE(is_locked());
    kill(pid, SIGKILL);
  });
}

// Seen to be done twice, where the child's entries were not told from its parent's.
TEST_F(Recovery, OfAChildThatNobodyHeardOfIsNotOfItsParents) {
  Command command{.argv = {program("registers_in_unseen_child")}, .cwd = file("there"), .interact = kill_it};
  create_directory(command.cwd);
  preloaded(with_journal(command));
  EXPECT_THAT(files(), testing::SizeIs(2));
  EXPECT_EQ(recover().status, exited(0));
  EXPECT_EQ(read_file(file("there") / "log"), "once\n");
  EXPECT_THAT(files(), IsEmpty());
}

// Seen to stay for ever.
TEST_F(Recovery, RemovesWhatNobodyWillFinish) {
  killed_one();
  const auto words = [](const Path &file) { return read_file(file).substr(0, 8); };
  std::string name = files()[0].stem();  // PID-START-NAMESPACE-BOOT
  const std::string machine = '-' + words("/etc/machine-id"), suffix = ".axshim-new";
  const std::string foreign = machine == "-01234567" ? "-76543210" : "-01234567";
  std::filesystem::remove(files()[0]);
  const Path left = make_file("journals/" + name + machine + suffix, "");
  EXPECT_THAT(recover({"--dry-run"}).out, HasSubstr(suffix + ": to remove, "));
  EXPECT_TRUE(exists(left));
  const Outcome end = recover();
  EXPECT_EQ(end.status, exited(0)) << end.err;
  EXPECT_THAT(lines(end.out), ElementsAre(AllOf(HasSubstr(name), HasSubstr(": removed, "))));
  EXPECT_THAT(files(), IsEmpty());
  if (!has_machine_id()) return;
  name.replace(name.size() - 8, 8, words("/proc/sys/kernel/random/boot_id") == "00000000" ? "1" : "00000000");
  make_file("journals/" + name + machine + suffix, "");
  EXPECT_THAT(recover().out, HasSubstr("removed")) << "of another boot";
  EXPECT_THAT(files(), IsEmpty());
  make_file("journals/" + name + foreign + suffix, "");
  EXPECT_THAT(recover().err, HasSubstr("left alone: it is of another machine"));
  EXPECT_THAT(files(), testing::SizeIs(1));
}

// A power cut takes what was not written yet, and may leave the name. Seen to be complained of for ever.
TEST_F(Recovery, RemovesWhatTheMachineWentDownWith) {
  killed_one();
  const Path whole = files()[0], elsewhere = std::string(whole).replace(whole.string().size() - 15, 8, "1");
  std::filesystem::remove(whole);
  const auto leave = [](const Path &path, size_t size) {
    write_file(path, std::string(size, '\0'));
    chmod(path.c_str(), 0600);
  };
  for (const size_t size : {0, 7, 20'000}) {
    leave(whole, size);
    EXPECT_THAT(recover({"--dry-run"}).out, HasSubstr(": to remove, "));
    EXPECT_TRUE(exists(whole));
    const Outcome end = recover();
    EXPECT_EQ(end.status, exited(0));
    EXPECT_EQ(end.err, "");
    EXPECT_THAT(files(), IsEmpty()) << size;
  }
  // One of another boot may be another machine's, which has not written it down yet.
  leave(elsewhere, 0);
  EXPECT_EQ(recover().status, exited(1));
  EXPECT_TRUE(exists(elsewhere));
  last_write_time(elsewhere, std::filesystem::file_time_type::clock::now() - std::chrono::hours(2));
  EXPECT_EQ(recover().status, exited(0));
  EXPECT_THAT(files(), IsEmpty());
}

TEST_F(RecoveryOfTheLiving, IsLeftAloneWithABlankJournal) {
  declares("unlink:lock", {program("waits_for_signal")}, [&](pid_t pid) {
    const Path journal = files().at(0);
    std::filesystem::remove(journal);
    write_file(journal, "");
    chmod(journal.c_str(), 0600);
    EXPECT_THAT(recover().err, HasSubstr("left alone: cut short"));
    EXPECT_TRUE(exists(journal));
    kill(pid, SIGKILL);
  });
}

// Seen to be that of another machine.
TEST_F(Recovery, NeedsNoMachineIdWithinOneBoot) {
  if (bare({.argv = {"/usr/bin/unshare", "--mount", "/bin/true"}}).status != 0)
    GTEST_SKIP() << "may not mount here";
  const auto hide_id = [] {
    if (unshare(CLONE_NEWNS) != 0) _exit(124);
    if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) _exit(124);
    if (mount("/dev/null", "/etc/machine-id", nullptr, MS_BIND, nullptr) != 0 && errno != ENOENT) _exit(124);
  };
  create_directory(file("there"));
  for (const auto &[keeps, recovers] : {std::pair(true, true), {true, false}, {false, true}}) {
    write_file(file("there") / "lock", "x");
    Command command{.argv = {program("waits_with_cleanups")}, .cwd = file("there"), .interact = kill_it};
    if (!keeps) command.before_exec = hide_id;
    preloaded(with_journal(command));
    Command again{.argv = {Path(AXSHIM_BUILD) / "axshim", "recover", journals()}};
    if (!recovers) again.before_exec = hide_id;
    EXPECT_EQ(bare(again).err, "") << keeps << recovers;
    EXPECT_FALSE(is_locked());
  }
}

// At each system call of an exec what was declared is in one whole journal. Seen to be lost at some ten of
// them where the new image removed the old one's before it made its own.
TEST_F(Recovery, KnowsWhatWasDeclaredAtEachStepOfAnExec) {
  create_directory(file("there"));
  bool is_done = false, was_unfinished = false;
  for (int steps = 0; !is_done; ++steps) {
    ASSERT_LT(steps, 1000);
    const pid_t pid = start_traced(program("execs_itself"));
    is_done = !step(pid, steps);
    kill_and_wait_traced(pid);
    const Outcome end = recover();
    ASSERT_EQ(end.status, exited(0)) << steps << end.out << end.err;
    ASSERT_EQ(read_file(file("there") / "log"), "once\n") << steps << end.out << end.err;
    ASSERT_THAT(files(), IsEmpty()) << steps;
    std::filesystem::remove(file("there") / "log");
    was_unfinished = was_unfinished || end.out.find("removed") != std::string::npos;
  }
  EXPECT_TRUE(was_unfinished);
}

// Cut at many lengths and with bits flipped: a line each, and never a crash.
TEST_F(Recovery, ThatIsDamagedCostsOneLine) {
  killed_one();
  const Path journal = files()[0];
  const std::string bytes = read_file(journal);
  std::filesystem::remove(journal);
  std::mt19937 random(1);
  const auto write = [&](size_t number, const std::string &text) {
    const Path path = journals() / (std::to_string(number) + ".axshim");
    write_file(path, text);
    chmod(path.c_str(), 0600);
  };
  size_t number = 0;
  for (size_t size = 0; size < bytes.size(); size += size < 64 ? 7 : 487)
    write(number++, bytes.substr(0, size));
  for (int i = 0; i < 200; ++i) {
    std::string flipped = bytes;
    for (int flips = 0; flips < 20; ++flips) {
      const size_t at = random() % (i % 2 ? 16384 : flipped.size());
      flipped[at] = static_cast<char>(flipped[at] ^ 1 << random() % 8);
    }
    write(number++, flipped);
  }
  const Outcome end = recover({"--dry-run"});
  EXPECT_EQ(end.status, exited(1)) << describe(end.status);
  EXPECT_THAT(lines(end.err), testing::Each(AllOf(HasSubstr("axshim: "), HasSubstr("left alone: "))));
}

}  // namespace
}  // namespace axshim_test
