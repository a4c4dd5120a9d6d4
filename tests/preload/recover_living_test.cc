// `axshim recover` beside processes that live: what they have declared too is left to them.
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <iterator>
#include <sstream>

#include "preload/journals.h"

namespace axshim_test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

// A process that lives and has declared unlink:lock, while `act` is at work.
class RecoveryOfTheLiving : public Journal {
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

}  // namespace
}  // namespace axshim_test
