// `axshim recover`: what it does, and of what it keeps its hands off.
#include <fcntl.h>
#include <sys/stat.h>

#include <fstream>
#include <random>

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

class Recovery : public Journal {
 protected:
  void change(uint64_t offset, const std::string &bytes) {
    std::fstream journal(files().at(0), std::ios::in | std::ios::out | std::ios::binary);
    journal.seekp(static_cast<std::streamoff>(offset));
    journal << bytes;
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
