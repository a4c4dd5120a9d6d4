// What process 1 of a PID namespace sends to itself: ignored by the kernel at its default action, faults too.
#include <signal.h>
#include <unistd.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Before: a record was written and the cleanup run, though the process lived on.
class ProcessOneFault : public PreloadTest, public testing::WithParamInterface<const char *> {};

TEST_P(ProcessOneFault, ThatIsSentIsIgnoredAsEver) {
  Command command{.argv = {"/usr/bin/unshare", "--pid", "--fork"},
                  .env = {{"AXSHIM_PROGRAMS", "!unshare"}, {"AXSHIM_CLEANUP", "lock=unlink:lock"}}};
  if (geteuid() != 0) command.argv.insert(command.argv.end(), {"--user", "--map-root-user"});
  command.argv.insert(command.argv.end(), {program(GetParam()), std::to_string(SIGSEGV)});
  const Outcome plain = bare(command);
  if (plain.status == exited(1)) GTEST_SKIP() << "may not make a PID namespace here";
  EXPECT_EQ(plain.status, exited(0)) << describe(plain.status);
  expect_same(plain, recorded(command));
  EXPECT_EQ(only_record(log())["termination"].value("kind", ""), "return");
}

INSTANTIATE_TEST_SUITE_P(By, ProcessOneFault, testing::Values("raises_signal", "kills_itself"),
                         [](const auto &info) { return std::string(info.param); });

// Before: the breakpoint was survived; what it sent to itself left a record and ran the cleanup.
class ForkedProcessOne : public PreloadTest, public testing::WithParamInterface<const char *> {};

TEST_P(ForkedProcessOne, IsTheSame) {
  const std::string how = GetParam();
  const Command command{.argv = {program("forks_process_1"), how},
                        .env = {{"AXSHIM_CLEANUP", "count=sh:echo $AXSHIM_KIND >> count @children"}},
                        .deadline = std::chrono::seconds(10)};
  const Outcome plain = bare(command);
  if (plain.status == exited(77)) GTEST_SKIP() << "may not make a PID namespace here";
  EXPECT_EQ(plain.out,
            how == "breakpoint" ? "process 1: wait status 0x5\n" : "process 1: wait status 0x500\n");
  const Outcome end = recorded(command);
  expect_same(plain, end);
  if (how == "breakpoint") return;
  Records signals = records_of(log());
  std::erase_if(signals, [](const Json &record) { return record["termination"]["kind"] != "signal"; });
  EXPECT_THAT(signals, IsEmpty());
  // Once process 1 is gone its parent can start no process: its own end alone is counted.
  EXPECT_THAT(lines(read_file(end.cwd / "count")), ElementsAre("return"));
}

INSTANTIATE_TEST_SUITE_P(By, ForkedProcessOne, testing::Values("breakpoint", "raise", "kill"),
                         [](const auto &info) { return std::string(info.param); });

}  // namespace
}  // namespace axshim_test
