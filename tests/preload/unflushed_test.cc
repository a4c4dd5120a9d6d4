// Output that a program left in stdio's buffers at a forced end: it is counted, or with AXSHIM_STDIO=rescue
// written out, once and where it belongs; neither changes the end.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::SizeIs;

// What all programs here leave.
constexpr const char *kText = "not flushed";

class Unflushed : public PreloadTest {
 protected:
  Command command(const std::vector<std::string> &argv, const std::string &stdio = "") const {
    Command command{.argv = argv, .deadline = seconds(20)};
    command.argv[0] = program(argv[0]);
    command.env["AXSHIM_PROGRAMS"] = argv[0];
    if (!stdio.empty()) command.env["AXSHIM_STDIO"] = stdio;
    return command;
  }
  // The entry of that descriptor; the test fails, and gets an empty object, where there is none.
  static Json stream(const Json &record, int fd) {
    for (const Json &entry : record.value("unflushed", Json::array())) {
      if (entry.value("fd", -1) == fd) return entry;
    }
    ADD_FAILURE() << "no stream of descriptor " << fd << " in " << record.dump(2);
    return Json::object();
  }
  // The only entry is standard output's, with so many bytes.
  static void expect_stdout(const Json &record, int bytes, int rescued) {
    EXPECT_THAT(record.value("unflushed", Json::array()), SizeIs(1)) << record.dump(2);
    const Json entry = stream(record, 1);
    EXPECT_EQ(entry.value("bytes", -1), bytes) << entry;
    EXPECT_EQ(entry.value("rescued", -1), rescued) << entry;
    EXPECT_FALSE(entry.contains("busy")) << entry;
  }
  Json record_of(int pid, bool child) const {
    Records records = records_of(log());
    std::erase_if(records, [&](const Json &record) { return (record["pid"] != pid) != child; });
    return only_record(records);
  }
};

// Each forced end that keeps its status and its output as it was.
struct ForcedEnd {
  std::string how, kind;
};

void PrintTo(const ForcedEnd &end, std::ostream *out) { *out << end.how; }

class UnflushedAt : public Unflushed, public testing::WithParamInterface<ForcedEnd> {
 protected:
  Command command(const std::string &stdio) const {
    return Unflushed::command({"prints_and_ends", GetParam().how, "/bin/true"}, stdio);
  }
};

TEST_P(UnflushedAt, IsCounted) {
  for (const char *stdio : {"", "report"}) {
    std::filesystem::remove(log());
    const Outcome plain = bare(command(stdio)), end = recorded(command(stdio));
    EXPECT_EQ(plain.out, "");
    expect_same(plain, end);
    const Json record = only_record(log());
    EXPECT_EQ(record["termination"].value("kind", ""), GetParam().kind);
    expect_stdout(record, 11, 0);
    EXPECT_THAT(stream(record, 1).value("target", ""), MatchesRegex("pipe:\\[[0-9]+\\]"));
    EXPECT_EQ(record.value("clean", true), false);
  }
}

TEST_P(UnflushedAt, IsRescuedWhereAskedFor) {
  const Outcome plain = bare(command("rescue")), end = recorded(command("rescue"));
  EXPECT_EQ(end.status, plain.status) << describe(end.status);
  EXPECT_EQ(end.out, kText);
  EXPECT_EQ(end.err, "");
  const Json record = only_record(log());
  expect_stdout(record, 11, 11);
  const std::string kind = GetParam().kind;
  EXPECT_EQ(record.value("clean", true), kind != "signal" && kind != "abort") << "nothing was lost";
}

// What is written out does not hang on whether anybody is told.
TEST_P(UnflushedAt, IsRescuedWithoutARecordToo) {
  Command silent = command("rescue");
  silent.env["AXSHIM_REPORT"] = "never";
  EXPECT_EQ(recorded(silent).out, kText);
  EXPECT_FALSE(std::filesystem::exists(log()));
}

TEST_P(UnflushedAt, IsNobodysBusinessWhereSwitchedOff) {
  expect_same(bare(command("off")), recorded(command("off")));
  const Json record = only_record(log());
  EXPECT_FALSE(record.contains("unflushed"));
  const std::string kind = GetParam().kind;
  EXPECT_EQ(record.value("clean", false), kind != "signal" && kind != "abort");
}

INSTANTIATE_TEST_SUITE_P(End, UnflushedAt,
                         testing::Values(ForcedEnd{"_exit", "_exit"}, ForcedEnd{"_Exit", "_exit"},
                                         ForcedEnd{"quick_exit", "quick_exit"}, ForcedEnd{"syscall", "_exit"},
                                         ForcedEnd{"sigterm", "signal"}, ForcedEnd{"sigsegv", "signal"},
                                         ForcedEnd{"abort", "abort"}, ForcedEnd{"exec", "exec"}),
                         [](const auto &info) {
                           return info.param.how[0] == '_' ? "Underscore" + info.param.how : info.param.how;
                         });

TEST_F(Unflushed, IsNotThereAtAnOrderlyEnd) {
  for (const char *stdio : {"report", "rescue"}) {
    std::filesystem::remove(log());
    const Command command = this->command({"prints_and_ends", "return"}, stdio);
    const Outcome plain = bare(command);
    EXPECT_EQ(plain.out, kText);
    expect_same(plain, recorded(command));
    EXPECT_FALSE(only_record(log()).contains("unflushed"));
  }
}

TEST_F(Unflushed, IsNotThereWhereNothingWasPrinted) {
  recorded(command({"calls__exit", "3"}));
  const Json record = only_record(log());
  EXPECT_EQ(record["termination"].value("kind", ""), "_exit");
  EXPECT_FALSE(record.contains("unflushed"));
}

TEST_F(Unflushed, IsNotThereAfterADeclaredFlush) {
  Command command = this->command({"leaves_output_unflushed"});
  command.env["AXSHIM_CLEANUP"] = "flush:";
  EXPECT_EQ(recorded(command).out, kText);
  const Json record = only_record(log());
  EXPECT_FALSE(record.contains("unflushed"));
  EXPECT_EQ(record.value("clean", false), true);
}

TEST_F(Unflushed, IsNotInputThatWasReadAhead) {
  Command command = this->command({"reads_and_leaves"});
  command.input = "more than it uses\n";
  recorded(command);
  EXPECT_FALSE(only_record(log()).contains("unflushed"));
}

TEST_F(Unflushed, IsReportedWithoutBeingAskedAndReadsAsALine) {
  const Outcome end = preloaded(command({"leaves_output_unflushed"}));
  EXPECT_EQ(end.out, "");
  EXPECT_THAT(lines(end.err), Contains("axshim:   unflushed 11 bytes on fd 1 (pipe)"));
}

TEST_F(Unflushed, ReadsAsALineWhereItWasRescued) {
  Command command = this->command({"leaves_output_unflushed"}, "rescue");
  EXPECT_EQ(preloaded(command).err, "") << "nothing was lost";
  command.env["AXSHIM_REPORT"] = "always";
  const Outcome end = preloaded(command);
  EXPECT_EQ(end.out, kText);
  EXPECT_THAT(lines(end.err), Contains("axshim:   rescued 11 bytes on fd 1 (pipe)"));
}

TEST_F(Unflushed, InAFileHasItsPath) {
  Command command = this->command({"leaves_output_unflushed"});
  const Path output = make_file("output", "");
  command.before_exec = [&] { dup2(open(output.c_str(), O_WRONLY), 1); };
  recorded(command);
  EXPECT_EQ(stream(only_record(log()), 1).value("target", ""), output);
}

// A shell's `yes | head` makes no noise.
TEST_F(Unflushed, IsNoLossAtADeathBySigpipe) {
  const Command command = this->command({"prints_and_ends", "sigpipe"});
  const Outcome end = preloaded(command);
  EXPECT_EQ(end.status, killed(SIGPIPE)) << describe(end.status);
  EXPECT_EQ(end.err, "");
  recorded(command);
  EXPECT_EQ(only_record(log()).value("clean", false), true);
}

TEST_F(Unflushed, OfAnUnknownSettingCostsOneLine) {
  const Outcome end = preloaded(command({"calls_exit", "7"}, "save"));
  EXPECT_EQ(end.status, exited(7)) << describe(end.status);
  ASSERT_THAT(lines(end.err), SizeIs(1)) << end.err;
  EXPECT_THAT(end.err, AllOf(HasSubstr("AXSHIM_STDIO"), HasSubstr("save"), HasSubstr("report"),
                             HasSubstr("rescue"), HasSubstr("off")));
}

TEST_F(Unflushed, MegabyteIsRescuedWhole) {
  const Outcome end = recorded(command({"leaves_a_million_bytes"}, "rescue"));
  EXPECT_EQ(end.status, exited(3)) << describe(end.status);
  std::string expected;
  for (int number = 0; number < 125000; ++number) {
    const std::string digits = std::to_string(number);
    expected += std::string(7 - digits.size(), '0') + digits + "\n";
  }
  EXPECT_TRUE(end.out == expected) << end.out.size() << " bytes";
  expect_stdout(only_record(log()), 1000000, 1000000);
}

// Position, mode and what was read before decide where it goes: as an orderly exit has it.
TEST_F(Unflushed, InFilesLandsWhereExitWouldPutIt) {
  const Outcome orderly = bare(command({"leaves_files_unflushed", "exit"}));
  EXPECT_EQ(read_file(orderly.cwd / "updated"), "012abc6789");
  EXPECT_EQ(read_file(orderly.cwd / "appended"), "0123456789def");
  EXPECT_EQ(read_file(orderly.cwd / "sought"), "0123ghi789");
  EXPECT_EQ(read_file(orderly.cwd / "both"), "0123456789jkl");
  for (const char *how : {"_exit", "segv"}) {
    SCOPED_TRACE(how);
    const Outcome end = recorded(command({"leaves_files_unflushed", how}, "rescue"));
    for (const char *name : {"updated", "appended", "sought", "both"}) {
      EXPECT_EQ(read_file(end.cwd / name), read_file(orderly.cwd / name)) << name;
    }
  }
}

// Its owner is in the middle of a write, of which part may be out already.
TEST_F(Unflushed, InAStreamThatAThreadUsesIsLeftAlone) {
  for (const char *stdio : {"report", "rescue"}) {
    SCOPED_TRACE(stdio);
    std::filesystem::remove(log());
    const Outcome end = recorded(command({"holds_a_stream"}, stdio));
    EXPECT_EQ(end.status, exited(3)) << describe(end.status);
    EXPECT_EQ(end.out, "");
    EXPECT_EQ(end.err, *stdio == 'r' && stdio[2] == 's' ? "other" : "") << "another stream";
    const Json record = only_record(log());
    const Json busy = stream(record, 1);
    EXPECT_EQ(busy.value("busy", false), true) << busy;
    EXPECT_EQ(busy.value("rescued", -1), 0) << busy;
    EXPECT_FALSE(stream(record, 2).contains("busy"));
    EXPECT_EQ(record.value("clean", true), false);
  }
}

// Whose bytes are no characters yet, or whose writer is code of the program.
TEST_F(Unflushed, InWideAndCookieStreamsIsOnlyCounted) {
  const Outcome end = recorded(command({"leaves_odd_streams"}, "rescue"));
  EXPECT_EQ(end.status, exited(3)) << describe(end.status);
  EXPECT_EQ(end.out, "");
  EXPECT_EQ(read_file(end.cwd / "wide"), "");
  const Json record = only_record(log());
  int bytes = 0;
  for (const Json &entry : record.value("unflushed", Json::array())) {
    EXPECT_EQ(entry.value("rescued", -1), 0) << entry;
    bytes += entry.value("bytes", 0);
  }
  EXPECT_GT(bytes, 0) << record.dump(2);
  EXPECT_EQ(record.value("clean", true), false);
}

TEST_F(Unflushed, InACrashInsidePrintfIsNotTorn) {
  const Command command = this->command({"crashes_in_printf"}, "rescue");
  const Outcome end = recorded(command);
  EXPECT_EQ(end.status, bare(command).status) << describe(end.status);
  EXPECT_TRUE(std::string("before and in it ").starts_with(end.out)) << end.out;
}

// A failed exec goes on with the program, whose own flush is to find nothing twice.
TEST_F(Unflushed, IsPrintedOnceAfterAFailedExec) {
  const Path garbage = make_file("garbage", "\1\2\3garbage");
  chmod(garbage.c_str(), 0700);
  for (const char *stdio : {"report", "rescue"}) {
    SCOPED_TRACE(stdio);
    std::filesystem::remove(log());
    const Command command = this->command({"prints_and_ends", "exec", garbage}, stdio);
    const Outcome plain = bare(command);
    EXPECT_EQ(plain.out, kText);
    EXPECT_EQ(plain.status, exited(3)) << describe(plain.status);
    expect_same(plain, recorded(command));
    EXPECT_FALSE(only_record(log()).contains("unflushed"));
  }
}

// The child has a copy of its parent's buffer; the bytes are the parent's, who prints them.
class UnflushedAndChild : public Unflushed {
 protected:
  // The same output as bare, and what the record of the child has.
  Json expect_parent_prints_once(const std::string &how, const std::string &stdio) {
    SCOPED_TRACE(how + ", " + stdio);
    std::filesystem::remove(log());
    const Command command = this->command({"prints_and_forks", how}, stdio);
    const Outcome plain = bare(command), end = recorded(command);
    expect_same(plain, end);
    return how == "vfork" ? Json::object() : record_of(end.pid, true);
  }
};

TEST_F(UnflushedAndChild, ThatAddsNothingHasNone) {
  for (const char *stdio : {"report", "rescue"}) {
    const Json child = expect_parent_prints_once("fork", stdio);
    EXPECT_FALSE(child.contains("unflushed"));
    EXPECT_EQ(child.value("clean", false), true);
  }
}

TEST_F(UnflushedAndChild, ThatSharesItsMemoryHasNone) {
  for (const char *stdio : {"report", "rescue"}) expect_parent_prints_once("vfork", stdio);
}

TEST_F(UnflushedAndChild, ThatAddsSomethingHasOnlyThat) {
  expect_stdout(expect_parent_prints_once("adds", "report"), 6, 0);
  std::filesystem::remove(log());
  const Outcome end = recorded(command({"prints_and_forks", "adds"}, "rescue"));
  EXPECT_EQ(end.out, "child\nparent\n");
  expect_stdout(record_of(end.pid, true), 6, 6);
}

// Its own flush printed what it had inherited, as it does without us; then the buffer is all its own.
TEST_F(UnflushedAndChild, ThatFlushesAndGoesOnHasAllThatCameLater) {
  expect_stdout(expect_parent_prints_once("flushes", "report"), 6, 0);
  std::filesystem::remove(log());
  const Outcome end = recorded(command({"prints_and_forks", "flushes"}, "rescue"));
  EXPECT_EQ(end.out, "parent\nlater\nparent\n");
  expect_stdout(record_of(end.pid, true), 6, 6);
}

// The daemon goes on with the buffer and prints it: the parent's _exit in daemon() loses nothing.
TEST_F(UnflushedAndChild, ThatIsADaemonPrintsItOnce) {
  for (const char *stdio : {"report", "rescue"}) {
    SCOPED_TRACE(stdio);
    const Command command = this->command({"prints_and_forks", "daemon"}, stdio);
    const Outcome plain = bare(command);
    EXPECT_EQ(plain.out, "parent\n");
    expect_same(plain, recorded(command));
  }
}

// Where nobody takes it, it is lost as it was, in time and by the same death.
class UnflushedTo : public Unflushed, public testing::WithParamInterface<const char *> {
 protected:
  Outcome expect_same_end(const std::function<void()> &before_exec, std::map<int, rlim_t> limits = {}) {
    Command command = this->command({"prints_and_ends", GetParam()}, "rescue");
    command.env["AXSHIM_TIMEOUT"] = "300ms";
    command.before_exec = before_exec;
    command.limits = std::move(limits);
    const auto begin = steady_clock::now();
    const Outcome end = recorded(command);
    EXPECT_LT(steady_clock::now() - begin, seconds(10));
    EXPECT_EQ(end.status, bare(command).status) << describe(end.status);
    return end;
  }
};

TEST_P(UnflushedTo, AFullPipeDoesNotDelayTheEnd) {
  expect_same_end([] { full_pipe_as_stderr(), dup2(2, 1); });
  const Json record = only_record(log());
  expect_stdout(record, 11, 0);
  EXPECT_EQ(record.value("clean", true), false);
}

TEST_P(UnflushedTo, ABrokenPipeDoesNotChangeTheEnd) {
  expect_same_end([] { broken_pipe_as_stderr(), dup2(2, 1); });
  expect_stdout(only_record(log()), 11, 0);
}

TEST_P(UnflushedTo, AFileThatMayNotGrowDoesNotChangeTheEnd) {
  const Path output = make_file("output", "");
  expect_same_end([&] { dup2(open(output.c_str(), O_WRONLY), 1); }, {{RLIMIT_FSIZE, 0}});
  EXPECT_EQ(read_file(output), "");
}

INSTANTIATE_TEST_SUITE_P(By, UnflushedTo, testing::Values("_exit", "sigterm", "sigsegv", "abort"),
                         [](const auto &info) {
                           const std::string how = info.param;
                           return how[0] == '_' ? "Underscore" + how : how;
                         });

TEST_F(Unflushed, OnAClosedDescriptorIsLost) {
  const Command command = this->command({"prints_and_ends", "closed"}, "rescue");
  expect_same(bare(command), recorded(command));
  expect_stdout(only_record(log()), 11, 0);
}

// Where a system call too many kills.
TEST_F(Unflushed, InASandboxDoesNotChangeTheEnd) {
  for (const char *stdio : {"report", "rescue"}) {
    const Command command = this->command({"prints_in_a_sandbox"}, stdio);
    const Outcome plain = bare(command), end = recorded(command);
    EXPECT_EQ(plain.status, exited(7)) << describe(plain.status);
    EXPECT_EQ(end.status, plain.status) << describe(end.status);
    EXPECT_TRUE(end.out.empty() || end.out == kText) << end.out;
  }
}

// Ended at any moment, in the middle of a write to the file too: what is there is what was printed up to
// some point, with nothing twice and nothing left out. Where libc takes no locks nobody can be seen to hold
// one.
class UnflushedAtAnyMoment : public Unflushed,
                             public testing::WithParamInterface<std::tuple<const char *, const char *>> {};

TEST_P(UnflushedAtAnyMoment, IsNeitherTornNorDoubled) {
  const auto [by, threads] = GetParam();
  int rescued = 0;
  for (int microseconds = 300; microseconds < 3300 && !HasFailure(); microseconds += 61) {
    std::filesystem::remove(log());
    const Path output = make_file("output", "");
    Command command = this->command({"prints_numbers", std::to_string(microseconds), by}, "rescue");
    if (*threads == 'T') command.argv.push_back("thread");
    command.before_exec = [&] { dup2(open(output.c_str(), O_WRONLY), 1); };
    const Outcome end = recorded(command);
    EXPECT_EQ(end.status, killed(SIGALRM)) << describe(end.status);
    const std::string printed = read_file(output);
    std::string expected;
    for (int number = 0; expected.size() < printed.size(); ++number) {
      const std::string digits = std::to_string(number);
      expected += std::string(7 - digits.size(), '0') + digits + "\n";
    }
    EXPECT_EQ(printed, expected.substr(0, printed.size())) << "after " << microseconds << " us";
    for (const Json &entry : only_record(log()).value("unflushed", Json::array())) {
      rescued += entry.value("rescued", 0);
    }
  }
  EXPECT_GT(rescued, 0) << "there was never anything to rescue";
}

std::string title(const testing::TestParamInfo<std::tuple<const char *, const char *>> &info) {
  return std::string(std::get<0>(info.param)) + "With" + std::get<1>(info.param);
}

INSTANTIATE_TEST_SUITE_P(By, UnflushedAtAnyMoment,
                         testing::Combine(testing::Values("putchar", "fputs", "printf"),
                                          testing::Values("OneThread", "TwoThreads")),
                         title);
INSTANTIATE_TEST_SUITE_P(ByItsOwnLocking, UnflushedAtAnyMoment,
                         testing::Combine(testing::Values("unlocked"), testing::Values("OneThread")), title);

}  // namespace
}  // namespace axshim_test
