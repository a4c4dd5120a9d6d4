// The program's own exit handlers: the record lists each with its name, its kind, who registered it, and
// whether it ran.
#include "preload/handlers.h"

#include <signal.h>

namespace axshim_test {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;
using testing::MatchesRegex;
using testing::SizeIs;
using testing::UnorderedElementsAre;

struct Cause {
  const char *word, *title;
  std::string reason;  // why handlers are skipped; empty: they run
};

struct Kind {
  std::string source, title, name;
};

struct Case {
  Cause cause;
  Kind kind;
  bool is_quick() const { return kind.source == "at_quick_exit"; }
  bool ends_orderly() const { return cause.reason.empty(); }
  bool runs() const { return is_quick() ? cause.word == std::string("quick_exit") : ends_orderly(); }
  // At an orderly end nobody expects those of at_quick_exit to run.
  bool is_listed() const { return !is_quick() || !ends_orderly(); }
};

void PrintTo(const Case &of, std::ostream *out) { *out << of.kind.title << of.cause.title; }

const Cause kCauses[] = {{"return", "Return", ""},
                         {"exit", "Exit", ""},
                         {"_exit", "UnderscoreExit", "forced-exit"},
                         {"_Exit", "UnderscoreCapitalExit", "forced-exit"},
                         {"syscall_exit_group", "SyscallExitGroup", "forced-exit"},
                         {"quick_exit", "QuickExit", "forced-exit"},
                         {"abort", "Abort", "not-signal-safe"},
                         {"sigterm", "Sigterm", "not-signal-safe"},
                         {"sigsegv", "Sigsegv", "not-signal-safe"},
                         {"sigkill_self", "SigkillOfItsOwn", "not-signal-safe"},
                         {"execve", "Exec", "exec"}};

const Kind kKinds[] = {{"atexit", "AtexitAt", "by_atexit()"},
                       {"on_exit", "OnExitAt", "by_on_exit(int, void*)"},
                       {"destructor", "DestructorAt", "Resource::~Resource()"},
                       {"at_quick_exit", "AtQuickExitAt", "by_at_quick_exit()"}};

std::vector<Case> cases() {
  std::vector<Case> result;
  for (const Kind &kind : kKinds) {
    for (const Cause &cause : kCauses) result.push_back({cause, kind});
  }
  return result;
}

class HandlerOf : public HandlersTest, public testing::WithParamInterface<Case> {
 protected:
  Command command() const {
    return {.argv = {"has_one_handler", GetParam().cause.word, GetParam().kind.source}};
  }
};

TEST_P(HandlerOf, RunsAsWithoutTheShim) {
  const Outcome end = same(command());
  EXPECT_EQ(end.out.empty(), !GetParam().runs()) << end.out;
}

TEST_P(HandlerOf, IsListedWithWhatBecameOfIt) {
  const auto &[cause, kind] = GetParam();
  const Json record = record_of(same(command()));
  std::vector<std::string> expected;
  if (GetParam().is_listed())
    expected = {kind.name + ": " + (GetParam().runs() ? "ran" : "skipped (" + cause.reason + ")")};
  EXPECT_EQ(outcomes(record), expected);
  if (GetParam().ends_orderly()) {
    EXPECT_EQ(record.value("clean", false), true);
  }
  if (!GetParam().runs()) {
    EXPECT_EQ(record.value("clean", true), !GetParam().is_listed());
  }
}

TEST_P(HandlerOf, IsListedWithWhereItComesFrom) {
  if (!GetParam().is_listed()) GTEST_SKIP() << "not listed";
  const Json record = record_of(same(command())), handler = cleanup(record, GetParam().kind.name);
  EXPECT_EQ(handler.value("source", ""), GetParam().kind.source);
  const Json function = handler.value("function", Json::object());
  EXPECT_EQ(function.value("symbol", ""), GetParam().kind.name);
  EXPECT_EQ(function.value("module", ""), record["exe"]);
  EXPECT_EQ(function.value("plus", ""), "0x0");
  EXPECT_THAT(function.value("offset", ""), MatchesRegex("0x[0-9a-f]+"));
  EXPECT_THAT(function.value("build_id", ""), MatchesRegex("[0-9a-f]{8,}"));
  const Json by = handler.value("registered_by", Json::object());
  EXPECT_EQ(by.value("symbol", ""), "main");
  EXPECT_NE(by.value("plus", "0x0"), "0x0");
  EXPECT_GE(handler.value("registered_ms", -1), 0);
  EXPECT_LE(handler.value("registered_ms", -1), record.value("uptime_ms", -2) + 10) << "a coarser clock";
  EXPECT_EQ(handler.contains("duration_us"), GetParam().runs());
  EXPECT_FALSE(handler.contains("error"));
}

INSTANTIATE_TEST_SUITE_P(Kind, HandlerOf, testing::ValuesIn(cases()),
                         [](const auto &info) { return info.param.kind.title + info.param.cause.title; });

class Handlers : public HandlersTest {
 protected:
  // What ran, by what it printed; the names of the rest are in the record.
  static std::vector<std::string> names(const Json &record) {
    std::vector<std::string> result;
    for (const Json &entry : record["cleanups"]) result.push_back(entry.value("name", "?"));
    return result;
  }
};

TEST_F(Handlers, AreListedInTheOrderInWhichTheyRan) {
  const Outcome end = same({.argv = {"has_handlers", "exit"}});
  const Json record = record_of(end);
  EXPECT_THAT(outcomes(record),
              ElementsAre("plain: ran", "store::leave(int, void*): ran", "store::flush(): ran",
                          "store::Cache<int>::~Cache(): ran", "global_handler(): ran"));
  EXPECT_EQ(names(record), lines(end.out));
}

TEST_F(Handlers, ThatWereSkippedAreListedInTheOrderInWhichTheyWouldHaveRun) {
  for (const char *cause : {"_exit", "quick_exit", "abort", "sigterm", "execve"}) {
    SCOPED_TRACE(cause);
    std::filesystem::remove(log());
    EXPECT_THAT(names(record_of(same({.argv = {"has_handlers", cause}}))),
                ElementsAre("plain", "store::leave(int, void*)", "store::flush()",
                            "store::Cache<int>::~Cache()", "global_handler()"));
  }
}

// The kinds of declared cleanups: lock is registered at load, say when main is entered.
TEST_F(Handlers, HaveOneOrderWithDeclaredCleanups) {
  const Command command{
      .argv = {program("has_handlers"), "exit"},
      .env = {{"AXSHIM_CLEANUP", "lock=unlink:" + file("lock").string() + ";say=call:cleanup_prints"}}};
  const Outcome end = recorded(command);
  EXPECT_THAT(outcomes(record_of(end)),
              ElementsAre("plain: ran", "store::leave(int, void*): ran", "store::flush(): ran", "say: ran",
                          "store::Cache<int>::~Cache(): ran", "global_handler(): ran", "lock: ran"));
  EXPECT_THAT(lines(end.out),
              ElementsAre("plain", "store::leave(int, void*)", "store::flush()", "cleanup_prints",
                          "store::Cache<int>::~Cache()", "global_handler()"));
}

TEST_F(Handlers, HaveOneOrderWithDeclaredCleanupsAtAForcedEnd) {
  const Command command{
      .argv = {program("has_handlers"), "_exit"},
      .env = {{"AXSHIM_CLEANUP", "lock=unlink:" + file("lock").string() + ";say=call:cleanup_prints"}}};
  EXPECT_THAT(outcomes(record_of(recorded(command))),
              ElementsAre("plain: skipped (forced-exit)", "store::leave(int, void*): skipped (forced-exit)",
                          "store::flush(): skipped (forced-exit)", "say: ran",
                          "store::Cache<int>::~Cache(): skipped (forced-exit)",
                          "global_handler(): skipped (forced-exit)", "lock: ran"));
}

TEST_F(Handlers, OfBothListsAreListedWhereEitherMatters) {
  EXPECT_THAT(outcomes(record_of(same({.argv = {"calls_exit", "3"}}))), ElementsAre("handler: ran"));
  std::filesystem::remove(log());
  EXPECT_THAT(outcomes(record_of(same({.argv = {"calls__exit", "3"}}))),
              UnorderedElementsAre("handler: skipped (forced-exit)", "quick_handler: skipped (forced-exit)"));
  std::filesystem::remove(log());
  EXPECT_THAT(outcomes(record_of(same({.argv = {"calls_quick_exit", "3"}}))),
              UnorderedElementsAre("quick_handler: ran", "handler: skipped (forced-exit)"));
}

// libc tells a handler of quick_exit nothing that would say which one it is.
TEST_F(Handlers, OfQuickExitAreToldApart) {
  const Outcome end = same({.argv = {"has_quick_handlers", "quick_exit"}});
  EXPECT_THAT(lines(end.out), ElementsAre("adds, 0", "added", "second", "first"));
  EXPECT_THAT(outcomes(record_of(end)), ElementsAre("adds: ran", "added: ran", "second: ran", "first: ran"));
  std::filesystem::remove(log());
  EXPECT_THAT(outcomes(record_of(same({.argv = {"has_quick_handlers", "_exit"}}))),
              ElementsAre("adds: skipped (forced-exit)", "second: skipped (forced-exit)",
                          "first: skipped (forced-exit)"));
}

TEST_F(Handlers, AreCountedInTheSummary) {
  const Json summary = record_of(same({.argv = {"calls_quick_exit", "3"}}))["summary"];
  EXPECT_EQ(summary.value("registered", 0), 2);
  EXPECT_EQ(summary.value("ran", 0), 1);
  EXPECT_EQ(summary.value("skipped", 0), 1);
}

// More than one page of the registry, and of the log's buffer.
TEST_F(Handlers, MayBeThousands) {
  for (const auto &[cause, outcome] : {std::pair{"exit", "ran"}, {"_exit", "skipped"}}) {
    SCOPED_TRACE(cause);
    std::filesystem::remove(log());
    const Outcome end = same({.argv = {"registers_many", "3000", cause}});
    EXPECT_EQ(end.out, *cause == 'e' ? "3000\n" : "");
    const Json record = record_of(end);
    EXPECT_EQ(record["summary"].value(outcome, 0), 3001);
    ASSERT_EQ(record["cleanups"].size(), 3001U);
    EXPECT_EQ(record["cleanups"].back().value("name", ""), "prints");
  }
}

// Through an entry of libc's that is hidden.
TEST_F(Handlers, RanWhereNoHookSawTheEndBegin) {
  EXPECT_THAT(outcomes(record_of(same({.argv = {"pthread_exit_last"}}))), ElementsAre("handler: ran"));
}

TEST_F(Handlers, ThatRanAreNothingToReport) {
  for (const char *of : {"calls_exit", "has_handlers"}) {
    const Command command{.argv = {program(of), of == std::string("calls_exit") ? "3" : "exit"}};
    expect_same(bare(command), preloaded(command));
  }
}

TEST_F(Handlers, ThatWereSkippedAreReported) {
  const Outcome end = preloaded({.argv = {program("calls__exit"), "3"}});
  EXPECT_EQ(end.status, exited(3));
  EXPECT_THAT(lines(end.err), Contains(MatchesRegex("axshim:   skipped +handler +atexit by "
                                                    "main\\+0x[0-9a-f]+ +forced-exit")));
  EXPECT_THAT(lines(end.err), Contains(MatchesRegex("axshim:   skipped +quick_handler +at_quick_exit by "
                                                    "main\\+0x[0-9a-f]+ +forced-exit")));
  EXPECT_THAT(end.err, HasSubstr("2 cleanups, 2 skipped"));
}

// yes | head
TEST_F(Handlers, ThatABrokenPipeSkippedMakeNoNoise) {
  const Command command{.argv = {program("writes_to_broken_pipe")}};
  const Outcome end = preloaded(command);
  EXPECT_EQ(end.status, killed(SIGPIPE)) << describe(end.status);
  expect_same(bare(command), end);
  const Json record = record_of(recorded(command));
  EXPECT_THAT(outcomes(record), ElementsAre("handler: skipped (not-signal-safe)"));
  EXPECT_EQ(record.value("clean", false), true);
}

TEST_F(Handlers, RunInAProgramThatIsNotWatched) {
  for (const char *cause : {"exit", "_exit", "quick_exit"}) {
    same({.argv = {"has_handlers", cause}, .env = {{"AXSHIM_PROGRAMS", "other"}}});
  }
  EXPECT_THAT(records_of(log()), IsEmpty());
}

TEST_F(Handlers, RegisteredByAHandlerComeNext) {
  const Outcome end = same({.argv = {"registers_in_handler", "return"}});
  EXPECT_THAT(lines(end.out), ElementsAre("adds", "added", "last"));
  const Json record = record_of(end);
  EXPECT_THAT(outcomes(record), ElementsAre("adds: ran", "added: ran", "runs_last: ran"));
  EXPECT_EQ(cleanup(record, "added")["registered_by"].value("symbol", ""), "adds");
}

// They share the work, as in libc: a thread that finds nothing left to do may end the process before another
// is done with its handler (2 % of the runs without the shim). The record has to say so then.
TEST_F(Handlers, EachRunOnceWhereThreadsExitAtOnce) {
  for (int i = 0; i < 20 && !HasFailure(); ++i) {
    std::filesystem::remove(log());
    const Outcome end = recorded({.argv = {program("exits_from_threads")}});
    EXPECT_EQ(end.status, exited(6)) << describe(end.status);
    const Json record = only_record(log());
    EXPECT_THAT(outcomes(record), AllOf(SizeIs(20), Each(AnyOf("say: ran", "say: interrupted"))));
    const size_t ran = record["summary"].value("ran", 0U);
    EXPECT_GE(ran, 20U - 7U) << "one for each thread that may have been at work";
    EXPECT_THAT(lines(end.out), AllOf(SizeIs(AllOf(Ge(ran), Le(20U))), Each("handler")));
    EXPECT_EQ(record.value("clean", false), ran == 20);
  }
}

}  // namespace
}  // namespace axshim_test
