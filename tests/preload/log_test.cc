// AXSHIM_LOG and AXSHIM_FORMAT: where the record goes, and that a log that fails never changes the program's
// end.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

using std::filesystem::exists;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

class Log : public PreloadTest {
 protected:
  Outcome run(const std::string &log, std::vector<std::string> argv = {"calls__exit", "7"},
              std::function<void()> before_exec = {}) {
    argv[0] = program(argv[0]);
    return recorded(
        {.argv = argv, .env = {{"AXSHIM_LOG", log}, {"AXSHIM_FORMAT", "json"}}, .before_exec = before_exec});
  }
};

TEST_F(Log, IsStderrByDefaultAndTextForPeople) {
  const Outcome end =
      preloaded({.argv = {program("calls__exit"), "7"},
                 .env = {{"AXSHIM_CLEANUP", "unlink:" + file("none").string() + ";x=sh:true @orderly"}}});
  EXPECT_EQ(end.out, "");
  const std::vector<std::string> text = lines(end.err);
  ASSERT_FALSE(text.empty());
  EXPECT_THAT(text, testing::Each(StartsWith("axshim: ")));
  EXPECT_THAT(text[0],
              StartsWith("axshim: calls__exit[" + std::to_string(end.pid) + "] called _exit(7) after "));
  EXPECT_THAT(text[0], HasSubstr("4 cleanups, 1 ran, 3 skipped"));
  EXPECT_THAT(end.err, HasSubstr("policy"));
}

TEST_F(Log, OnStderrMayBeJson) {
  const Outcome end = run("stderr");
  EXPECT_EQ(only_record(records_in(end.err))["termination"].value("status", -1), 7);
  EXPECT_THAT(lines(end.err), SizeIs(1));
}

TEST_F(Log, GoesToADescriptorThatIsOpen) {
  EXPECT_THAT(records_in(run("fd:1").out), SizeIs(1));
  const std::string out = file("nine");
  run("fd:9", {"calls__exit", "7"}, [&] { dup2(open(out.c_str(), O_WRONLY | O_CREAT, 0600), 9); });
  EXPECT_THAT(records_of(out), SizeIs(1));
}

TEST_F(Log, OfADescriptorThatIsClosedFallsBackOnStderr) {
  const Outcome end = run("fd:77");
  EXPECT_EQ(end.status, exited(7));
  EXPECT_THAT(records_in(end.err), SizeIs(1)) << end.err;
  EXPECT_THAT(lines(end.err), SizeIs(2)) << "the record, and a line that says why it is here";
}

TEST_F(Log, NoneWritesNothing) {
  const Outcome end = run("none", {"derefs_null"});
  EXPECT_EQ(end.out + end.err, "");
  EXPECT_EQ(end.status, killed(SIGSEGV));
}

TEST_F(Log, FileIsJsonByItsName) {
  for (const char *name : {"a.json", "a.jsonl"}) {
    recorded({.argv = {program("calls__exit"), "7"}, .env = {{"AXSHIM_LOG", file(name)}}});
    EXPECT_THAT(records_of(file(name)), SizeIs(1)) << name;
  }
  recorded({.argv = {program("calls__exit"), "7"}, .env = {{"AXSHIM_LOG", file("a.log")}}});
  EXPECT_THAT(read_file(file("a.log")), StartsWith("axshim: "));
}

TEST_F(Log, FormatWinsOverTheName) {
  recorded({.argv = {program("calls__exit"), "7"},
            .env = {{"AXSHIM_LOG", file("a.json")}, {"AXSHIM_FORMAT", "text"}}});
  EXPECT_THAT(read_file(file("a.json")), StartsWith("axshim: "));
}

TEST_F(Log, FileIsForItsOwnerOnly) {
  run(log());
  struct stat found {};
  ASSERT_EQ(stat(log().c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777, 0600U);
}

TEST_F(Log, FileIsAppendedTo) {
  run(log());
  run(log(), {"calls__exit", "8"});
  EXPECT_THAT(records_of(log()), SizeIs(2));
}

TEST_F(Log, PathIsATemplate) {
  const Outcome end = run(file("%e.%p.%P.%%.jsonl"));
  const std::string name =
      "calls__exit." + std::to_string(end.pid) + "." + std::to_string(getpid()) + ".%.jsonl";
  EXPECT_THAT(records_of(file(name)), SizeIs(1)) << name;
}

TEST_F(Log, RelativePathIsThatOfTheStart) {
  const Outcome end = run("here.jsonl");
  EXPECT_THAT(records_of(end.cwd / "here.jsonl"), SizeIs(1));
}

TEST_F(Log, IsNotTouchedBeforeTheEnd) {
  bool early = true;
  recorded({.argv = {program("waits_for_signal")}, .interact = [&](pid_t pid) {
              early = exists(log());
              kill(pid, SIGTERM);
            }});
  EXPECT_FALSE(early);
  EXPECT_THAT(records_of(log()), SizeIs(1));
}

TEST_F(Log, DoesNotFollowALink) {
  create_symlink(file("target"), file("link.jsonl"));
  const Outcome end = run(file("link.jsonl"));
  EXPECT_FALSE(exists(file("target")));
  EXPECT_THAT(records_in(end.err), SizeIs(1));
}

// Nobody reads it, so it cannot be opened either. Seen to hang without O_NONBLOCK.
TEST_F(Log, OfAPipeThatNobodyReadsFallsBackOnStderr) {
  ASSERT_EQ(mkfifo(file("fifo").c_str(), 0600), 0);
  EXPECT_THAT(records_in(run(file("fifo")).err), SizeIs(1));
}

// A disk that is full takes the beginning. Seen to fail (nothing on stderr) where a short write is as good as
// a whole one.
TEST_F(Log, ThatHasRoomForPartOfTheRecordFallsBackOnStderr) {
  const Outcome end = recorded({.argv = {program("calls__exit"), "7"},
                                .env = {{"AXSHIM_FORMAT", "json"}},
                                .limits = {{RLIMIT_FSIZE, 100}}});
  EXPECT_EQ(end.status, exited(7)) << describe(end.status);
  EXPECT_EQ(read_file(log()).size(), 100U);
  EXPECT_THAT(records_in(end.err), SizeIs(1));
}

// Each of these cannot be written to: the record comes on stderr, after a line that says so.
TEST_F(Log, ThatCannotBeWrittenFallsBackOnStderr) {
  create_directory(file("directory"));
  make_file("file");
  for (const std::string &log : {std::string("/dev/full"), file("directory").string(),
                                 file("file/x").string(), file("missing/x").string()}) {
    SCOPED_TRACE(log);
    const Outcome end = run(log);
    EXPECT_EQ(end.status, exited(7));
    EXPECT_THAT(records_in(end.err), SizeIs(1));
    EXPECT_THAT(lines(end.err), SizeIs(2)) << end.err;
    EXPECT_THAT(lines(end.err), testing::Contains(testing::AllOf(StartsWith("axshim: "), HasSubstr(log))));
  }
}

TEST_F(Log, BeyondTheFileSizeLimitDoesNotChangeTheEnd) {
  const Outcome end = recorded({.argv = {program("calls__exit"), "7"}, .limits = {{RLIMIT_FSIZE, 0}}});
  EXPECT_EQ(end.status, exited(7)) << describe(end.status);
}

TEST_F(Log, OnAClosedStderrIsLost) {
  const Outcome end = run("stderr", {"calls__exit", "7"}, [] { close(2); });
  EXPECT_EQ(end.status, exited(7));
  EXPECT_EQ(end.out, "");
}

TEST_F(Log, NeverGoesIntoADataFileThatBecameStderr) {
  const Path data = file("data");
  const Outcome end = run("stderr", {"opens_data_as_stderr", data});
  EXPECT_EQ(end.status, exited(3));
  EXPECT_EQ(read_file(data), "data");
}

TEST_F(Log, OnABrokenPipeDoesNotChangeTheEnd) {
  const auto break_stderr = [] {
    int ends[2];
    if (pipe(ends) != 0) _exit(124);
    dup2(ends[1], 2);
    close(ends[0]);
    close(ends[1]);
  };
  EXPECT_EQ(run("stderr", {"calls__exit", "7"}, break_stderr).status, exited(7));
  EXPECT_EQ(run("stderr", {"raises_signal", "15"}, break_stderr).status, killed(SIGTERM));
}

// Nobody reads it: the pipe's other end stays open in the program itself.
TEST_F(Log, OnAFullPipeDoesNotDelayTheEnd) {
  const auto fill_stderr = [] {
    int ends[2];
    if (pipe2(ends, O_NONBLOCK) != 0) _exit(124);
    const char page[4096] = {};
    while (write(ends[1], page, sizeof page) > 0) continue;
    fcntl(ends[1], F_SETFL, 0);
    dup2(ends[1], 2);
  };
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(run("stderr", {"raises_signal", "15"}, fill_stderr).status, killed(SIGTERM));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

TEST_F(Log, EscapesWhatAProgramsNameBringsIn) {
  const Path odd = file("odd\n\x01\xff\"name");
  std::filesystem::copy(program("calls__exit"), odd);
  recorded({.argv = {odd, "7"}});
  EXPECT_THAT(lines(read_file(log())), SizeIs(1));
  EXPECT_TRUE(only_record(log()).contains("exe"));
}

TEST_F(Log, HoldsNoArgumentAndNoEnvironment) {
  recorded({.argv = {program("calls__exit"), "7", "--password=sesame"}, .env = {{"TOKEN", "open-sesame"}}});
  EXPECT_THAT(read_file(log()), testing::Not(HasSubstr("sesame")));
}

}  // namespace
}  // namespace axshim_test
