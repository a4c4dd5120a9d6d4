// What is easily got wrong in the small: each of these was seen to be.
#include <signal.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

class Detail : public PreloadTest {
 protected:
  Outcome run(const std::string &entries, std::vector<std::string> argv = {"returns_status", "0"},
              std::map<std::string, std::string> env = {}) {
    env.emplace("AXSHIM_CLEANUP", entries);
    argv[0] = program(argv[0]);
    return recorded({.argv = argv, .env = env});
  }
};

// O_NOFOLLOW does nothing behind a slash: the tree that the link named was emptied.
TEST_F(Detail, RmtreeOfALinkWithASlashLeavesWhatItNames) {
  std::filesystem::create_directory(file("tree"));
  make_file("tree/precious");
  std::filesystem::create_directory_symlink("tree", file("link"));
  run("rmtree:" + file("link").string() + "/");
  EXPECT_TRUE(std::filesystem::exists(file("tree/precious")));
}

// The error of a directory of PATH that has no such program stayed though a later one had it.
TEST_F(Detail, AProgramInALaterDirectoryOfPathSucceeds) {
  run("mine=exec:true", {"returns_status", "0"}, {{"PATH", "/nonexistent:/bin"}});
  EXPECT_THAT(outcomes(only_record(log())), ElementsAre("mine: ran"));
}

// 2^32 + pid was taken for pid.
TEST_F(Detail, APidThatIsTooLargeIsNone) {
  const Path victim = make_file("pid", std::to_string((int64_t{1} << 32) + getpid()));
  run("mine=kill:" + victim.string() + "/URG");
  EXPECT_EQ(cleanup(only_record(log()), "mine").value("outcome", ""), "failed");
}

// Called as a function, it crashed, and the cleanups after it were skipped.
TEST_F(Detail, CallOfAVariableFails) {
  run("mine=call:environ");
  EXPECT_THAT(cleanup(only_record(log()), "mine").value("error", ""), HasSubstr("no such function"));
}

// The ordinary ones and the rest each had the whole budget.
TEST_F(Detail, TheBudgetIsOneForAll) {
  run("late=sh:true;hangs=call:cleanup_hangs", {"has_cleanups", "exit"}, {{"AXSHIM_BUDGET", "100ms"}});
  EXPECT_THAT(outcomes(only_record(log())), ElementsAre("hangs: timed-out", "late: skipped (budget)"));
}

// The kernel puts SIG_DFL back by itself, and the end went unseen: the lock of a real node stayed.
TEST_F(Detail, ASignalRaisedAgainFromAOneShotHandlerIsSeen) {
  const Path lock = make_file("lock");
  EXPECT_EQ(run("unlink:" + lock.string(), {"resets_and_raises"}).status, killed(SIGTERM));
  EXPECT_FALSE(std::filesystem::exists(lock));
}

// With nothing to report the entries were not restored. Seen to fail so, with an environment that has
// nothing.
TEST_F(Detail, AFailedExecKeepsTheCleanupsWithoutAReportToo) {
  const Path lock = make_file("lock");
  const Path script = make_file("script", "no program");
  std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  run("unlink:" + lock.string(), {"execs_in_vain", script}, {{"AXSHIM_REPORT", "never"}});
  EXPECT_FALSE(std::filesystem::exists(lock));
}

// The type was looked for among the frames of the record.
TEST_F(Detail, AnExceptionIsNamedWithoutABacktrace) {
  run("", {"throws_uncaught"}, {{"AXSHIM_BACKTRACE", "0"}});
  EXPECT_EQ(only_record(log())["termination"].value("exception", ""), "std::runtime_error");
}

// "timed-outcall:…", and names in bytes instead of characters.
TEST_F(Detail, ColumnsAreAligned) {
  const Outcome end =
      preloaded({.argv = {program("has_cleanups"), "exit"},
                 .env = {{"AXSHIM_CLEANUP", "\u00e9\u65e5=unlink:/nonexistent/x;ab=call:cleanup_hangs"},
                         {"AXSHIM_TIMEOUT", "50ms"}}});
  const std::vector<std::string> text = lines(end.err);
  ASSERT_THAT(text, testing::SizeIs(4)) << end.err;
  EXPECT_THAT(text[2], HasSubstr("timed-out  ab   env"));
  EXPECT_THAT(text[3], EndsWith("ran        \u00e9\u65e5   env"));
}

}  // namespace
}  // namespace axshim_test
