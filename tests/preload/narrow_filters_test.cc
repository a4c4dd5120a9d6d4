// Under a seccomp filter that leaves not even gettid: the end, and what the program is told of its signals.
#include <signal.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

class NarrowFilter : public PreloadTest,
                     public testing::WithParamInterface<std::tuple<const char *, const char *>> {};

// Seen to fail (SIGSYS, all of them) while each end asked for the thread first.
TEST_P(NarrowFilter, LeavesTheEndAsItWas) {
  const auto [how, cleanup] = GetParam();
  Command command{.argv = {program("filters_all_but_exit"), how}, .deadline = std::chrono::seconds(10)};
  const Outcome plain = bare(command);
  EXPECT_EQ(plain.status, *how == 'n'   ? killed(SIGSEGV)
                          : *how == 'i' ? killed(SIGILL)
                                        : exited(3))
      << describe(plain.status);
  command.env = {{"AXSHIM_LOG", "none"}};
  if (*cleanup != '\0') command.env["AXSHIM_CLEANUP"] = cleanup;
  expect_same(plain, preloaded(command));
}

INSTANTIATE_TEST_SUITE_P(AndThen, NarrowFilter,
                         testing::Combine(testing::Values("return", "exit", "_exit", "null", "illegal"),
                                          testing::Values("", "unlink:lock")),
                         [](const auto &info) {
                           return std::string(std::get<0>(info.param)) +
                                  (*std::get<1>(info.param) == '\0' ? "" : "WithCleanup");
                         });

using FilteredProgram = PreloadTest;

// Seen to fail (flags 14000000 of SIGSEGV, 4000000 of SIGTERM) with the shim's handlers changed by libc's
// sigaction, and told as the kernel has them.
TEST_F(FilteredProgram, IsToldOfItsSignalsAsEver) {
  const Command command{.argv = {program("filters_all_but_exit"), "query"}, .env = {{"AXSHIM_LOG", "none"}}};
  const Outcome plain = bare(command);
  EXPECT_EQ(plain.status, exited(3)) << describe(plain.status);
  const Outcome end = preloaded(command);
  EXPECT_EQ(end.out, plain.out);
  expect_same(plain, end);
}

}  // namespace
}  // namespace axshim_test
