// Execs that fail, and exit handlers that leave in another way or close what they do not know.
#include <sys/stat.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::StartsWith;

class FailedExec : public PreloadTest {
 protected:
  // A file that is no program, and a missing one.
  Outcome run(const std::string &report) {
    const Path garbage = make_file("garbage", "\1\2\3garbage");
    chmod(garbage.c_str(), 0700);
    const Command command{.argv = {program("fails_to_exec"), garbage, "/nonexistent/program"},
                          .env = {{"AXSHIM_CLEANUP", "unlink:lock"}, {"AXSHIM_REPORT", report}}};
    const Outcome plain = bare(command), end = recorded(command);
    EXPECT_EQ(end.status, plain.status) << describe(end.status);
    EXPECT_EQ(end.out, plain.out);
    return end;
  }
};

// Before: one more was open after each, where the exec had not been worth a record.
TEST_F(FailedExec, LeavesNoDescriptor) {
  EXPECT_EQ(run("unclean").out,
            "-1, errno 8, 3 open\n"
            "-1, errno 2, 3 open\n"
            "-1, errno 8, 3 open\n");
}

// Before: a line too many, after an exec that had left no record.
TEST_F(FailedExec, VoidsItsRecordAndNoOther) {
  run("always");
  std::map<int, int> open;  // by pid: records of an exec that no line voided yet
  for (const std::string &line : lines(read_file(log()))) {
    const Json record = Json::parse(line);
    const int pid = record["pid"];
    if (record.value("event", "") == "exec-failed") {
      EXPECT_EQ(open[pid]--, 1) << line;
    } else if (record["termination"]["kind"] == "exec") {
      EXPECT_EQ(open[pid]++, 0) << line;
    } else {
      EXPECT_EQ(open[pid], 0) << line;
    }
  }
}

// What can be seen to fail beforehand is no end. Seen to fail (an end and its voiding for each) without
// S_ISREG, and without faccessat2, in is_executable().
TEST_F(FailedExec, ThatCanBeForeseenLeavesNoLine) {
  make_file("data", "no program");
  create_directory(file("directory"));
  for (const std::string path : {"/nonexistent/program", "data", "directory"}) {
    SCOPED_TRACE(path);
    const Command command{.argv = {program("execs_in_vain"), path}, .cwd = dir()};
    const Outcome plain = bare(command), end = recorded(command);
    expect_same(plain, end);
    EXPECT_EQ(lines(read_file(log())).size(), 1U) << read_file(log());
    std::filesystem::remove(log());
  }
}

// The program goes on as if nothing had been: with its signals unblocked, its streams its own, and all that
// the exec would have skipped. Seen to fail (mask 0xff...; skipped (exec)) with the mask left as it is during
// a forced end, and with the entries left as they are for the record; to hang without unlock_rescued().
TEST_F(FailedExec, LeavesTheProgramAsItWas) {
  const Path garbage = make_file("garbage", "\1\2\3garbage");
  chmod(garbage.c_str(), 0700);
  for (const char *stdio : {"report", "rescue"}) {
    SCOPED_TRACE(stdio);
    const Command command{.argv = {program("execs_in_vain"), garbage},
                          .env = {{"AXSHIM_CLEANUP", "lock=unlink:lock;flush:"}, {"AXSHIM_STDIO", stdio}}};
    const Outcome plain = bare(command), end = recorded(command);
    EXPECT_THAT(lines(plain.out), Each(StartsWith("errno 8, mask 0, dispositions 0 0 ")));
    expect_same(plain, end);
    EXPECT_THAT(outcomes(only_record(log())), ElementsAre("flush:: ran", "lock: ran"));
    std::filesystem::remove(log());
  }
}

// Before: killed by SIGSEGV.
TEST_F(FailedExec, OfNoPathIsAnError) {
  const Command command{.argv = {program("fails_to_exec")}, .env = {{"AXSHIM_CLEANUP", "unlink:lock"}}};
  const Outcome plain = bare(command), end = recorded(command);
  EXPECT_EQ(plain.out, "-1, errno 14, 3 open\n");
  expect_same(plain, end);
}

// Bad pointers are for the kernel to refuse. Seen to fail (SIGSEGV) without guarded() in replace_image().
TEST_F(FailedExec, OfABadPointerIsAnError) {
  const Command command{.argv = {program("execs_bad_pointers")}, .env = {{"AXSHIM_CLEANUP", "unlink:lock"}}};
  const Outcome plain = bare(command), end = recorded(command);
  EXPECT_EQ(plain.out, "-1 14\n-1 14\n");
  expect_same(plain, end);
}

// The record's own signals are taken back, the program's are not. Seen to fail (pending 0; blocked 0 more)
// with all taken back, and with the mask left as it is while the record is written.
TEST_F(FailedExec, LeavesWhatIsPending) {
  const Path garbage = make_file("garbage", "\1\2\3garbage");
  chmod(garbage.c_str(), 0700);
  const Command command{.argv = {program("keeps_pending"), garbage}};
  const Outcome plain = bare(command), end = recorded(command);
  EXPECT_EQ(plain.out, "pending 1201000, blocked 1201000\n");
  expect_same(plain, end);
}

// Seen to fail (no record) with the handlers of the FaultGuard left in place.
TEST_F(FailedExec, LeavesACrashAsItIs) {
  const Path garbage = make_file("garbage", "\1\2\3garbage");
  chmod(garbage.c_str(), 0700);
  const Command command{.argv = {program("crashes_after_execs"), garbage},
                        .env = {{"AXSHIM_CLEANUP", "unlink:lock"}}};
  expect_same(bare(command), recorded(command));
  EXPECT_EQ(only_record(log())["termination"].value("address", ""), "0x0");
}

using ExitHandler = PreloadTest;

// Before: the record said exit, with status 3.
TEST_F(ExitHandler, ThatLeavesQuicklyIsTheEnd) {
  const Command command{.argv = {program("meddles_at_exit"), "quick_exit"},
                        .env = {{"AXSHIM_CLEANUP", "unlink:lock"}}};
  const Outcome plain = bare(command), end = recorded(command);
  EXPECT_EQ(plain.status, exited(4));
  expect_same(plain, end);
  const Json termination = only_record(log())["termination"];
  EXPECT_EQ(termination.value("kind", ""), "quick_exit");
  EXPECT_EQ(termination.value("status", -1), 4);
}

// Before: no record.
TEST_F(ExitHandler, ThatClosesWhatItDoesNotKnowDoesNotLoseTheRecord) {
  const Command command{.argv = {program("meddles_at_exit"), "closes"},
                        .env = {{"AXSHIM_LOG", "stderr"},
                                {"AXSHIM_REPORT", "always"},
                                {"AXSHIM_FORMAT", "json"},
                                {"AXSHIM_CLEANUP", "unlink:lock"}}};
  const Outcome end = preloaded(command);
  EXPECT_EQ(end.status, exited(3));
  EXPECT_EQ(only_record(records_in(end.err))["termination"].value("status", -1), 3);
}

}  // namespace
}  // namespace axshim_test
