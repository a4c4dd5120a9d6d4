// What other users of the machine can do to root's processes, and to what reads of them: nothing.
#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "preload/journals.h"
#include "preload/runs.h"
#include "record/journal_layout.h"

namespace axshim_test {
namespace {

using std::filesystem::exists;
using testing::AllOf;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr uid_t kNobody = 65534;

void become_nobody() {
  if (setgroups(0, nullptr) != 0 || setgid(kNobody) != 0 || setuid(kNobody) != 0) _exit(124);
}

// Each seen to fail: root wrote to it.
class Planted : public PreloadTest {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "takes root";
    create_directory(file("common"));
    chmod(file("common").c_str(), 01777);
  }
  // By another user, where all may make files.
  Path plant(const std::string &name) {
    const Path path = make_file("common/" + name, "");
    chmod(path.c_str(), 0666);
    EXPECT_EQ(chown(path.c_str(), kNobody, kNobody), 0);
    return path;
  }
  Outcome exits(std::map<std::string, std::string> env) {
    return preloaded({.argv = {program("calls__exit"), "7"}, .env = std::move(env)});
  }
};

TEST_F(Planted, LogIsNotWritten) {
  const Path log = plant("log");
  const Outcome end = exits({{"AXSHIM_LOG", log}});
  EXPECT_EQ(end.status, exited(7));
  EXPECT_EQ(read_file(log), "");
  EXPECT_THAT(end.err, AllOf(HasSubstr("another user's"), HasSubstr("calls__exit[")));
}

TEST_F(Planted, FifoIsNotWritten) {
  const Path log = file("common/fifo");
  mkfifo(log.c_str(), 0666);
  EXPECT_EQ(chown(log.c_str(), kNobody, kNobody), 0);
  const int reader = open(log.c_str(), O_RDONLY | O_NONBLOCK);
  EXPECT_THAT(exits({{"AXSHIM_LOG", log}}).err, HasSubstr("another user's"));
  char byte;
  EXPECT_EQ(read(reader, &byte, 1), 0);
  close(reader);
}

TEST_F(Planted, FileOfACleanupIsNotWritten) {
  const Path path = plant("marks");
  const Outcome end = exits({{"AXSHIM_CLEANUP", "write:" + path.string() + "=done"}});
  EXPECT_EQ(read_file(path), "");
  EXPECT_THAT(end.err, AllOf(HasSubstr("failed"), HasSubstr("another user's")));
}

TEST_F(Planted, EntriesAreNotObeyed) {
  const Path path = plant("entries");
  write_file(path, "write:" + file("obeyed").string() + "=x\n");
  const Outcome end = exits({{"AXSHIM_CLEANUP_FILE", path}});
  EXPECT_FALSE(exists(file("obeyed")));
  EXPECT_THAT(end.err,
              HasSubstr("axshim: AXSHIM_CLEANUP_FILE: '" + path.string() + "': others can write it"));
}

TEST_F(Planted, LogOfRunIsNotWritten) {
  const Path log = plant("log");
  const Outcome end =
      bare({.argv = {AXSHIM_BUILD "/axshim", "run", "--log", log, "--", "/bin/sh", "-c", "kill -KILL $$"},
            .env = {{"TMPDIR", dir()}}});
  EXPECT_EQ(read_file(log), "");
  EXPECT_THAT(end.err, HasSubstr("sh["));
}

// What it owns itself, or root, is written as ever.
TEST_F(Planted, IsNothingOfOnesOwn) {
  for (const uid_t owner : {uid_t{0}, kNobody}) {
    const Path log = make_file("common/log", "");
    EXPECT_EQ(chown(log.c_str(), owner, owner), 0);
    EXPECT_EQ(chmod(log.c_str(), 0666), 0);
    chmod(dir().c_str(), 0755);
    const Outcome end = preloaded({.argv = {program("calls__exit"), "7"},
                                   .env = {{"AXSHIM_LOG", log}},
                                   .before_exec = owner == 0 ? std::function<void()>() : become_nobody});
    EXPECT_THAT(read_file(log), HasSubstr("calls__exit[")) << end.err;
  }
}

class RunOfRoot : public Run {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "takes root";
    chmod(dir().c_str(), 0755);
    chmod(temporary().c_str(), 01777);
  }
};

// As others see it, who know its name. Seen to fail: their records were told of as the program's.
TEST_F(RunOfRoot, KeepsItsDirectoryToItself) {
  const std::string forge =
      "ls $TMPDIR/axshim-run.*; for log in $TMPDIR/axshim-run.*/log.jsonl $TMPDIR/axshim-run.*/x; do echo "
      "'{\"axshim\":1,\"pid\":7,\"exe\":\"/forged\",\"clean\":false,\"termination\":{\"kind\":\"exit\"}}' "
      ">>$log; done";
  const Outcome end = run(
      {"--", "setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "/bin/sh", "-c", forge});
  EXPECT_EQ(end.out, "");
  EXPECT_THAT(end.err, AllOf(HasSubstr("cannot open directory"), Not(HasSubstr("forged"))));
  EXPECT_TRUE(is_empty(temporary()));
}

// Seen to fail: it could make no journal, and said so on the program's stderr.
TEST_F(RunOfRoot, KnowsTheEndsOfThoseThatGaveUpRoot) {
  const Outcome end = run({"--", "setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "sh",
                           "-c", "sh -c 'kill -TERM $$'; sh -c 'kill -9 $$'; exit 3"});
  EXPECT_EQ(end.status, exited(3));
  EXPECT_THAT(end.err, AllOf(HasSubstr("] was ended by SIGTERM"), HasSubstr("] killed itself with SIGKILL"),
                             Not(HasSubstr("AXSHIM_"))));
}

// Where somebody could put another directory in its place.
TEST_F(RunOfRoot, DoesNotUseADirectoryThatOthersOwn) {
  EXPECT_EQ(chown(temporary().c_str(), kNobody, kNobody), 0);
  const Outcome end = run({"--", "/bin/sh", "-c", "ls \"$TMPDIR\""});
  EXPECT_EQ(end.out, "");
  EXPECT_EQ(end.status, exited(0));
}

class Rights : public Journal {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "takes root";
    chmod(dir().c_str(), 0755);
  }
};

// Whoever it is then may write there: root obeys nothing of it. Seen to fail: root did what nobody had
// written into it.
TEST_F(Rights, OfAJournalGoWithTheProcess) {
  for (const char *way : {"setuid", "setreuid", "setresuid"}) {
    preloaded(with_journal({.argv = {program("gives_up_root"), way},
                            .env = {{"AXSHIM_CLEANUP", "write:" + file("done").string() + "=x"}},
                            .interact = kill_it}));
    ASSERT_THAT(files(), SizeIs(1)) << way;
    struct stat status = {};
    stat(files()[0].c_str(), &status);
    EXPECT_EQ(status.st_uid, kNobody) << way;
    EXPECT_THAT(recover().err, HasSubstr("it belongs to another user"));
    EXPECT_FALSE(exists(file("done")));
    std::filesystem::remove_all(journals());
    create_directory(journals());
  }
}

TEST_F(Rights, StayWhereTheWayBackDoes) {
  preloaded(with_journal({.argv = {program("gives_up_root"), "seteuid"},
                          .env = {{"AXSHIM_CLEANUP", "write:" + file("done").string() + "=x"}},
                          .interact = kill_it}));
  EXPECT_THAT(recover().out, HasSubstr("1 recovered"));
  EXPECT_TRUE(exists(file("done")));
}

// A daemon does what it has declared, with the rights that are left.
TEST_F(Rights, GivenUpLeaveTheCleanups) {
  chmod(dir().c_str(), 0777);
  preloaded({.argv = {program("gives_up_root"), "setuid"},
             .env = {{"AXSHIM_CLEANUP", "write:" + file("done").string() + "=x"}},
             .interact = [](pid_t pid) { kill(pid, SIGTERM); }});
  struct stat status = {};
  EXPECT_EQ(stat(file("done").c_str(), &status), 0);
  EXPECT_EQ(status.st_uid, kNobody);
}

class Forged : public Run {};

// A program of the run writes what it likes where the records go.
TEST_F(Forged, RecordsShowNoControlCharacters) {
  const std::string forge =
      R"(printf '{"axshim":1,"pid":7,"exe":"/a\033[31m","clean":false,"termination":{"kind":"signal",)"
      R"("signal":"\\u001b[32mX\302\233m\342\200\256\342\200\250","code":"\\u009b1m"},"summary":{"registered":1},)"
      R"("cleanups":[{"name":"n","source":"\\u001b[33m","outcome":"\\u202e"}]}\n' >>"$AXSHIM_LOG")";
  for (const char *format : {"text", "json"}) {
    const Outcome end = run({"--format", format, "--", "/bin/sh", "-c",
                             std::string(forge).replace(forge.find("\\033"), 4, "\\\\u001b")});
    EXPECT_THAT(end.err, HasSubstr("31m")) << format;
    for (const char *raw : {"\033", "\302\233", "\342\200\256", "\342\200\250"})
      EXPECT_THAT(end.err, Not(HasSubstr(raw))) << format;
  }
}

class Overlapping : public Journal {};

// Seen to take 710 MB for 1 MiB.
TEST_F(Overlapping, RegionsAreNoJournal) {
  killed_one();
  ASSERT_THAT(files(), SizeIs(1));
  std::string bytes = read_file(files()[0]);
  auto *header = reinterpret_cast<axshim::JournalHeader *>(bytes.data());
  header->region[2].offset = header->region[0].offset;
  header->region[2].address = 0x1000;
  header->region[2].segment = 1;
  header->region[2].size = header->region[0].size.load();
  write_file(files()[0], bytes);
  EXPECT_THAT(recover().err, HasSubstr("damaged: two parts of it overlap"));
  const Outcome end = bare({.argv = {AXSHIM_BUILD "/axshim", "report", journals()}});
  EXPECT_THAT(end.err, HasSubstr("damaged: two parts of it overlap"));
}

class Misleading : public Journal {};

// `run --log %e` would write elsewhere. Seen to.
TEST_F(Misleading, NameOfAProgramIsNoJournal) {
  killed_one();
  ASSERT_THAT(files(), SizeIs(1));
  std::string bytes = read_file(files()[0]);
  bytes.replace(offsetof(axshim::JournalHeader, program), 10, "../x/y\0\0\0\0", 10);
  write_file(files()[0], bytes);
  EXPECT_THAT(recover().err, HasSubstr("damaged: the name of its program or host holds a slash"));
}

}  // namespace
}  // namespace axshim_test
