// Children made by clone, of which no atfork handler hears: as process 1 of a PID namespace, and with next to
// no stack.
#include <signal.h>
#include <unistd.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

using testing::ElementsAre;

class ClonedProcessOne : public PreloadTest,
                         public testing::WithParamInterface<std::tuple<const char *, const char *>> {};

// The kernel ignores the signal at SIG_DFL, but not with a handler of the shim's. Seen to fail (28 signals
// blocked, nothing caught; and the read failed) with a handler that dies for any process but its own.
TEST_P(ClonedProcessOne, KeepsItsMaskAndHandlersAtASignalThatItIgnores) {
  const auto [how, sender] = GetParam();
  const Command command{.argv = {program("survives_as_process_1"), how, sender},
                        .deadline = std::chrono::seconds(10)};
  const Outcome plain = bare(command);
  if (plain.status == exited(77)) GTEST_SKIP() << "may not make a PID namespace here";
  EXPECT_EQ(plain.out, *sender == 'p' ? "1: 1, 0 blocked, caught 10\n" : "1: 0, 0 blocked, caught 10\n");
  expect_same(plain, recorded(command));
}

INSTANTIATE_TEST_SUITE_P(By, ClonedProcessOne,
                         testing::Combine(testing::Values("clone", "syscall"),
                                          testing::Values("itself", "parent")),
                         [](const auto &info) {
                           return std::string(std::get<0>(info.param)) + "SentBy" + std::get<1>(info.param);
                         });

// Its parent is process 1 too, of the namespace around it.
class NestedProcessOne : public PreloadTest, public testing::WithParamInterface<const char *> {};

// Seen to fail (the cleanup ran twice) while a process was known by its number alone.
TEST_P(NestedProcessOne, LeavesItsParentsCleanupsToItsParent) {
  Command command{
      .argv = {"/usr/bin/unshare", "--pid", "--fork"},
      .env = {{"AXSHIM_PROGRAMS", "!unshare"}, {"AXSHIM_CLEANUP", "count=sh:echo $AXSHIM_KIND >> count"}},
      .deadline = std::chrono::seconds(10)};
  if (geteuid() != 0) command.argv.insert(command.argv.end(), {"--user", "--map-root-user"});
  command.argv.insert(command.argv.end(), {program("clones_process_1"), GetParam()});
  const Outcome plain = bare(command);
  if (plain.status != exited(0)) GTEST_SKIP() << "may not make PID namespaces here";
  const Outcome end = recorded(command);
  expect_same(plain, end);
  EXPECT_THAT(lines(read_file(end.cwd / "count")), ElementsAre("return"));
  EXPECT_EQ(only_record(log())["termination"].value("kind", ""), "return");
}

INSTANTIATE_TEST_SUITE_P(Ending, NestedProcessOne, testing::Values("_exit", "exit", "null"),
                         [](const auto &info) { return std::string(info.param); });

using SmallStack = PreloadTest;

// Seen to fail (the child died of SIGSEGV) with the buffer for the exec's path on the caller's stack.
TEST_F(SmallStack, OfAVforkChildSufficesForAnExec) {
  const Command command{.argv = {program("execs_on_small_stack")}};
  const Outcome plain = bare(command);
  EXPECT_EQ(plain.out, "child: wait status 0\n");
  expect_same(plain, preloaded(command));
  expect_same(plain, recorded(command));
}

}  // namespace
}  // namespace axshim_test
