// AXSHIM_RESCUE=forced: the program's own exit handlers run where it leaves by _exit and its like, each on
// its own, and nowhere else.
#include <signal.h>

#include "preload/own_cleanups.h"

namespace axshim_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class Rescue : public PreloadTest {
 protected:
  Command command(const std::vector<std::string> &argv) const {
    Command command{.argv = argv,
                    .env = {{"AXSHIM_RESCUE", "forced"}, {"AXSHIM_TIMEOUT", "2s"}},
                    .deadline = std::chrono::seconds(20)};
    command.argv[0] = program(argv[0]);
    return command;
  }
  Outcome run(const std::vector<std::string> &argv) { return recorded(command(argv)); }
};

// A lost handler is what the record is for: without the variable they are skipped, and the end is not clean.
TEST_F(Rescue, IsOffUnlessAskedFor) {
  for (const char *value : {"", "none"}) {
    SCOPED_TRACE(value);
    std::filesystem::remove(log());
    Command command = this->command({"has_exit_handlers", "_exit"});
    command.env["AXSHIM_RESCUE"] = value;
    if (*value == '\0') command.env.erase("AXSHIM_RESCUE");
    const Outcome end = recorded(command);
    EXPECT_EQ(end.status, exited(3)) << describe(end.status);
    EXPECT_EQ(end.out, "");
    EXPECT_EQ(end.err, "");
    const Json record = only_record(log());
    EXPECT_THAT(own_outcomes(record),
                ElementsAre("last: skipped (forced-exit)", "tells: skipped (forced-exit)",
                            "first: skipped (forced-exit)", "earliest: skipped (forced-exit)"));
    EXPECT_EQ(record.value("clean", true), false);
  }
}

// What is declared with call: comes in when main begins, the rest when the program is loaded.
TEST_F(Rescue, RunsAllInOneOrder) {
  for (const char *how : {"_exit", "quick_exit"}) {
    SCOPED_TRACE(how);
    std::filesystem::remove(log());
    Command command = this->command({"has_exit_handlers", how});
    const Path lock = make_file("lock");
    command.env["AXSHIM_CLEANUP"] = "lock=unlink:" + lock.string() + ";call:called";
    const Outcome end = recorded(command);
    EXPECT_EQ(end.status, exited(3)) << describe(end.status);
    EXPECT_THAT(lines(end.out), ElementsAre("last", "status 3", "first", "called", "earliest"));
    const Json record = only_record(log());
    EXPECT_THAT(own_outcomes(record), ElementsAre("last: ran", "tells: ran", "first: ran", "call:called: ran",
                                                  "earliest: ran", "lock: ran"));
    EXPECT_THAT(own_sources(record), ElementsAre("last: atexit", "tells: on_exit", "first: atexit",
                                                 "call:called: env", "earliest: atexit", "lock: env"));
    EXPECT_EQ(record["termination"].value("kind", ""), how);
    EXPECT_EQ(record["termination"].value("status", -1), 3);
    EXPECT_EQ(record.value("clean", false), true);
    EXPECT_FALSE(std::filesystem::exists(lock));
  }
}

TEST_F(Rescue, IsSilentByDefaultWhereNothingWasLost) {
  Command command = this->command({"has_exit_handlers", "_exit"});
  EXPECT_EQ(preloaded(command).err, "");
  command.env.erase("AXSHIM_RESCUE");
  EXPECT_THAT(preloaded(command).err, HasSubstr("first"));
}

TEST_F(Rescue, RunsThemAtARawExit) {
  const Outcome end = run({"registers_handlers", "syscall", "prints"});
  EXPECT_EQ(end.status, exited(3)) << describe(end.status);
  EXPECT_EQ(end.out, "printed\n");
  EXPECT_THAT(own_outcomes(only_record(log())), ElementsAre("prints: ran"));
}

TEST_F(Rescue, DestroysStaticObjects) {
  EXPECT_EQ(bare(command({"destroys_objects", "_exit"})).out, "");
  const Outcome end = run({"destroys_objects", "_exit"});
  EXPECT_EQ(end.status, exited(3)) << describe(end.status);
  EXPECT_THAT(end.out, testing::StartsWith("destroyed\n"));
  const Json own = own_cleanups(only_record(log()));
  ASSERT_THAT(own, SizeIs(1));
  EXPECT_EQ(own[0].value("source", ""), "destructor");
  EXPECT_EQ(own[0].value("outcome", ""), "ran");
}

// Handlers print through stdio, and then nobody flushes: that comes after them, also where output is not
// rescued from other ends.
TEST_F(Rescue, OfOutputComesAfterTheHandlers) {
  for (const char *name : {"calls__exit", "calls__Exit"}) {
    for (const char *stdio : {"report", "rescue"}) {
      Command command = this->command({name, "3"});
      command.env["AXSHIM_STDIO"] = stdio;
      const Outcome end = recorded(command);
      EXPECT_EQ(end.status, exited(3)) << describe(end.status);
      EXPECT_EQ(end.out, "atexit handler\n");
    }
  }
}

// libc runs those of at_quick_exit itself.
TEST_F(Rescue, AtQuickExitRunsBothKindsOnce) {
  Command command = this->command({"calls_quick_exit", "3"});
  command.env["AXSHIM_STDIO"] = "rescue";
  const Outcome end = recorded(command);
  EXPECT_EQ(end.status, exited(3)) << describe(end.status);
  EXPECT_THAT(lines(end.out), testing::UnorderedElementsAre("at_quick_exit handler", "atexit handler"));
}

// Twice would be once too often: libc runs them there.
TEST_F(Rescue, ChangesNothingAtAnOrderlyExit) {
  const Command command = this->command({"has_exit_handlers", "exit"});
  const Outcome plain = bare(command), end = recorded(command);
  EXPECT_THAT(lines(plain.out), ElementsAre("last", "status 3", "first", "earliest"));
  expect_same(plain, end);
  EXPECT_THAT(own_outcomes(only_record(log())),
              ElementsAre("last: ran", "tells: ran", "first: ran", "earliest: ran"));
}

// The signal may have come in the middle of anything.
TEST_F(Rescue, RunsNoneAtAnExitInsideASignalHandler) {
  const Outcome end = run({"has_exit_handlers", "handler"});
  EXPECT_EQ(end.status, exited(3)) << describe(end.status);
  EXPECT_EQ(end.out, "");
  EXPECT_THAT(own_outcomes(only_record(log())),
              ElementsAre("last: skipped (forced-exit)", "tells: skipped (forced-exit)",
                          "first: skipped (forced-exit)", "earliest: skipped (forced-exit)"));
}

TEST_F(Rescue, RunsNoneAtASignal) {
  const Outcome end = run({"has_exit_handlers", "sigterm"});
  EXPECT_EQ(end.status, killed(SIGTERM)) << describe(end.status);
  EXPECT_EQ(end.out, "");
  EXPECT_THAT(own_outcomes(only_record(log())),
              ElementsAre("last: skipped (not-signal-safe)", "tells: skipped (not-signal-safe)",
                          "first: skipped (not-signal-safe)", "earliest: skipped (not-signal-safe)"));
}

TEST_F(Rescue, RunsNoneAtAnExec) {
  Command command = this->command({"has_exit_handlers", "exec"});
  command.env["AXSHIM_PROGRAMS"] = "has_*";
  const Outcome end = recorded(command);
  EXPECT_EQ(end.status, exited(1)) << describe(end.status);
  EXPECT_EQ(end.out, "");
  EXPECT_THAT(own_outcomes(only_record(log())),
              ElementsAre("last: skipped (exec)", "tells: skipped (exec)", "first: skipped (exec)",
                          "earliest: skipped (exec)"));
}

TEST_F(Rescue, RunsNextWhatAHandlerRegisters) {
  const Outcome end = run({"registers_handlers", "_exit", "prints_too", "registers"});
  EXPECT_EQ(end.status, exited(3)) << describe(end.status);
  EXPECT_EQ(end.out, "printed\nprinted too\n");
  EXPECT_THAT(own_outcomes(only_record(log())),
              ElementsAre("registers: ran", "prints: ran", "prints_too: ran"));
}

// A handler that leaves by _exit where libc runs them: those before it had their turn.
TEST_F(Rescue, RunsNoHandlerTwice) {
  const Outcome end = run({"registers_handlers", "exit", "_exits", "prints"});
  EXPECT_EQ(end.status, exited(9)) << describe(end.status);
  EXPECT_EQ(end.out, "printed\n");
}

TEST_F(Rescue, OfAnUnknownKindCostsOneLine) {
  Command command = this->command({"calls_exit", "7"});
  command.env["AXSHIM_RESCUE"] = "everything";
  const Outcome end = preloaded(command);
  EXPECT_EQ(end.status, exited(7)) << describe(end.status);
  ASSERT_THAT(lines(end.err), SizeIs(1)) << end.err;
  EXPECT_THAT(end.err, AllOf(HasSubstr("AXSHIM_RESCUE"), HasSubstr("everything"), HasSubstr("none"),
                             HasSubstr("forced")));
}

// One that leaves or throws costs only itself; after one that was stopped in the middle nothing ordinary
// runs.
struct Bad {
  std::string handler, outcome;
  bool stopped = false;
};

void PrintTo(const Bad &bad, std::ostream *out) { *out << bad.handler; }

class BadHandler : public Rescue, public testing::WithParamInterface<Bad> {};

TEST_P(BadHandler, CostsOnlyWhatItHasTo) {
  const auto &[handler, outcome, stopped] = GetParam();
  Command command = this->command({"registers_handlers", "_exit", "prints", handler, "prints_too"});
  const Path lock = make_file("lock");
  command.env["AXSHIM_CLEANUP"] = "lock=unlink:" + lock.string() + ";call:prints";
  command.env["AXSHIM_TIMEOUT"] = handler == "hangs" ? "300ms" : "5s";
  const Outcome end = recorded(command);
  EXPECT_EQ(end.status, exited(3)) << describe(end.status);
  EXPECT_EQ(end.out, stopped ? "printed too\n" : "printed too\nprinted\nprinted\n");
  const std::string rest = stopped ? "skipped (unsafe-after-failure)" : "ran";
  EXPECT_THAT(own_outcomes(only_record(log())),
              ElementsAre("prints_too: ran", handler + ": " + outcome, "prints: " + rest,
                          "call:prints: " + rest, "lock: ran"));
  EXPECT_FALSE(std::filesystem::exists(lock));
}

INSTANTIATE_TEST_SUITE_P(That, BadHandler,
                         testing::Values(Bad{"exits", "failed"}, Bad{"_exits", "failed"},
                                         Bad{"throws", "failed"}, Bad{"crashes", "failed", true},
                                         Bad{"hangs", "timed-out", true}),
                         [](const auto &info) {
                           return info.param.handler[0] == '_' ? "Underscore" + info.param.handler
                                                               : info.param.handler;
                         });

// In a child the handlers of its parent are its parent's: run there they would remove what is in use.
class RescueAndChild : public Rescue, public testing::WithParamInterface<const char *> {
 protected:
  // What each process printed, the child first: it has ended before its parent goes on.
  Outcome run_with_child() { return run({"registers_in_child", GetParam()}); }
};

TEST_P(RescueAndChild, RunEachItsOwn) {
  const Outcome end = run_with_child();
  EXPECT_EQ(end.status, exited(3)) << describe(end.status);
  EXPECT_EQ(end.out, std::string(GetParam()) == "own" ? "child\nparent\n" : "parent\n");
  for (const Json &record : records_of(log())) {
    if (record["pid"] == end.pid) {
      EXPECT_THAT(own_outcomes(record), ElementsAre("handler_of_parent: ran"));
    } else if (std::string(GetParam()) == "own") {
      EXPECT_THAT(own_outcomes(record), ElementsAre("handler_of_child: ran"));
    } else {
      EXPECT_THAT(own_outcomes(record), testing::IsEmpty());
    }
  }
  EXPECT_THAT(records_of(log()), SizeIs(std::string(GetParam()) == "vfork" ? 1 : 2));
}

INSTANTIATE_TEST_SUITE_P(By, RescueAndChild, testing::Values("fork", "vfork", "own"),
                         [](const auto &info) { return std::string(info.param); });

}  // namespace
}  // namespace axshim_test
