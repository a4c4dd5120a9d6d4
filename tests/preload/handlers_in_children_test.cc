// Exit handlers and children: what a child inherits is its parent's, what it registers is its own; and who is
// still there when a process ends.
#include <signal.h>

#include "preload/handlers.h"

namespace axshim_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Child : public HandlersTest {
 protected:
  Json record_of_child(const Outcome &end) const { return only_record(records_of_children(end)); }
};

TEST_F(Child, ThatCallsUnderscoreExitIsSilent) {
  for (const char *how : {"fork", "vfork", "_Fork"}) {
    SCOPED_TRACE(how);
    const Command command{.argv = {program("forks_with_handler"), how, "_exit"}};
    expect_same(bare(command), preloaded(command));
  }
}

TEST_F(Child, ThatCallsUnderscoreExitListsNothingAndIsClean) {
  const Outcome end = same({.argv = {"forks_with_handler", "fork", "_exit"}});
  const Json child = record_of_child(end);
  EXPECT_THAT(outcomes(child), IsEmpty());
  EXPECT_EQ(child.value("clean", false), true);
  EXPECT_THAT(outcomes(record_of(end)), ElementsAre("of_parent: ran"));
}

TEST_F(Child, ListsWhatItInheritedWhereAsked) {
  for (const char *cause : {"_exit", "sigterm", "execve"}) {
    SCOPED_TRACE(cause);
    std::filesystem::remove(log());
    const Outcome end =
        same({.argv = {"forks_with_handler", "fork", cause, "own"}, .env = {{"AXSHIM_INHERIT", "1"}}});
    const std::vector<std::string> listed = outcomes(record_of_child(end));
    ASSERT_EQ(listed.size(), 2U);
    EXPECT_THAT(listed[0], testing::StartsWith("of_child: skipped"));
    EXPECT_EQ(listed[1], "of_parent: skipped (inherited)");
    EXPECT_THAT(outcomes(record_of(end)), ElementsAre("of_parent: ran"));
  }
}

// What is inherited is no loss.
TEST_F(Child, IsCleanWhereItListsWhatItInherited) {
  const Outcome end =
      same({.argv = {"forks_with_handler", "fork", "_exit"}, .env = {{"AXSHIM_INHERIT", "1"}}});
  EXPECT_THAT(outcomes(record_of_child(end)), ElementsAre("of_parent: skipped (inherited)"));
  EXPECT_EQ(record_of_child(end).value("clean", false), true);
}

TEST_F(Child, LosesTheHandlersOfItsOwn) {
  const Command command{.argv = {program("forks_with_handler"), "fork", "_exit", "own"},
                        .env = {{"AXSHIM_LOG", log()}}};
  const Outcome end = preloaded(command);
  const Json child = only_record(log());  // the parent lost nothing
  EXPECT_NE(child.value("pid", 0), end.pid);
  EXPECT_THAT(outcomes(child), ElementsAre("of_child: skipped (forced-exit)"));
  EXPECT_EQ(child.value("clean", true), false);
  expect_same(bare(command), end);
}

// libc runs the handlers that a child inherited.
TEST_F(Child, ThatCallsExitRunsWhatItInheritedAsWithoutTheShim) {
  const Outcome end = same({.argv = {"forks_with_handler", "fork", "exit"}});
  EXPECT_THAT(lines(end.out),
              ElementsAre("of_parent, child", "child: wait status 0xb00", "of_parent, parent"));
  EXPECT_THAT(outcomes(record_of_child(end)), IsEmpty());
  EXPECT_EQ(record_of_child(end).value("clean", false), true);
  EXPECT_THAT(outcomes(record_of(end)), ElementsAre("of_parent: ran"));
}

TEST_F(Child, ThatCallsExitListsItsOwnAsRun) {
  const Outcome end = same({.argv = {"forks_with_handler", "fork", "exit", "own"}});
  EXPECT_THAT(lines(end.out),
              ElementsAre("of_child", "of_parent, child", "child: wait status 0xb00", "of_parent, parent"));
  EXPECT_THAT(outcomes(record_of_child(end)), ElementsAre("of_child: ran"));
  EXPECT_THAT(outcomes(record_of(end)), ElementsAre("of_parent: ran"));
}

// It has its parent's memory: what it writes there, its parent finds.
TEST_F(Child, OfVforkLeavesItsParentUnharmed) {
  for (const char *cause : {"_exit", "sigterm", "sigsegv", "execve", "exec_fails"}) {
    SCOPED_TRACE(cause);
    std::filesystem::remove(log());
    const Outcome end = same({.argv = {"forks_with_handler", "vfork", cause}});
    EXPECT_THAT(end.out, HasSubstr("of_parent, parent"));
    EXPECT_THAT(outcomes(record_of(end)), ElementsAre("of_parent: ran"));
  }
}

// Nobody tells the shim of such a child: what runs in it runs as if the shim were not there.
TEST_F(Child, ThatNobodyHeardOfRunsItsHandlersAsEver) {
  for (const char *cause : {"exit", "_exit", "sigsegv", "return"}) {
    for (const bool own : {false, true}) {
      SCOPED_TRACE(cause);
      std::filesystem::remove(log());
      std::vector<std::string> argv = {"forks_with_handler", "_Fork", cause};
      if (own) argv.push_back("own");
      const Outcome end = same({.argv = argv});
      EXPECT_THAT(records_of_children(end), IsEmpty());
      EXPECT_THAT(outcomes(record_of(end)), ElementsAre("of_parent: ran"));
    }
  }
}

class Others : public HandlersTest, public testing::WithParamInterface<const char *> {
 protected:
  Json record(const std::string &who) {
    end_ = same({.argv = {"leaves_others", who, GetParam()}});
    return record_of(end_);
  }
  Outcome end_;
};

TEST_P(Others, ThatStillRunAreListedAsThreads) {
  const Json threads = record("threads").value("threads", Json::array());
  ASSERT_EQ(threads.size(), 1U) << threads.dump();
  EXPECT_EQ(threads[0].value("name", ""), "worker");
  EXPECT_GT(threads[0].value("tid", 0), 0);
  EXPECT_NE(threads[0].value("tid", 0), end_.pid);
}

TEST_P(Others, ThatAreAliveAreListedAsChildren) {
  const Json children = record("children").value("children", Json::array());
  ASSERT_EQ(children.size(), 1U) << children.dump();
  EXPECT_EQ(children[0].value("name", ""), "child");
  EXPECT_GT(children[0].value("pid", 0), 0);
  EXPECT_NE(children[0].value("pid", 0), end_.pid);
}

TEST_P(Others, ThatAreZombiesAreNotListed) { EXPECT_FALSE(record("zombies").contains("children")); }

TEST_P(Others, ThatAreNotThereAreNotListed) {
  const Json alone = record("nothing");
  EXPECT_FALSE(alone.contains("threads") || alone.contains("children")) << alone.dump(2);
}

INSTANTIATE_TEST_SUITE_P(At, Others,
                         testing::Values("return", "exit", "_exit", "quick_exit", "abort", "sigterm",
                                         "sigsegv", "execve"),
                         [](const auto &info) { return std::string(info.param); });

class EndingThread : public HandlersTest {};

TEST_F(EndingThread, IsNotAmongTheOthers) {
  for (const char *cause : {"exit", "_exit", "sigsegv"}) {
    SCOPED_TRACE(cause);
    std::filesystem::remove(log());
    const Outcome end = same({.argv = {"ends", "other_thread", cause, "-"}});
    const Json record = record_of(end);
    const Json threads = record.value("threads", Json::array());
    ASSERT_EQ(threads.size(), 1U) << threads.dump();
    EXPECT_EQ(threads[0].value("tid", 0), end.pid) << "main";
    EXPECT_EQ(threads[0].value("name", ""), "ends");
  }
}

}  // namespace
}  // namespace axshim_test
