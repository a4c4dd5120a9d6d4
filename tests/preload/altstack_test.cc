// Alternate signal stacks of the program's own: small ones, and what is none.
#include <signal.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

struct Small {
  std::string size;
  int number;
  bool in_handler;
};

void PrintTo(const Small &small, std::ostream *out) { *out << small.size << " " << small.number; }

// The shim's handler has the flag SA_ONSTACK, and so runs there, where without it nothing did.
class SmallAltstack : public PreloadTest, public testing::WithParamInterface<Small> {};

// Seen to fail (SIGSEGV) with all of the shim's handler on that stack.
TEST_P(SmallAltstack, DoesNotChangeADeathBySignal) {
  const auto &[size, number, in_handler] = GetParam();
  Command command{.argv = {program("has_small_altstack"), size, std::to_string(number)},
                  .deadline = std::chrono::seconds(10)};
  if (in_handler) command.argv.push_back("in a handler");
  const Outcome plain = bare(command);
  if (plain.status == exited(77)) GTEST_SKIP() << "a signal's frame is too large here";
  EXPECT_EQ(plain.status, killed(number)) << describe(plain.status);
  expect_same(plain, recorded(command));
  EXPECT_EQ(only_record(log())["termination"].value("number", 0), number);
}

INSTANTIATE_TEST_SUITE_P(Of, SmallAltstack,
                         testing::Values(Small{"4096", SIGTERM, false}, Small{"4096", SIGQUIT, false},
                                         Small{"8192", SIGTERM, true}, Small{"8192", SIGQUIT, true}),
                         [](const auto &info) {
                           return info.param.size + (info.param.number == SIGTERM ? "AndTerm" : "AndQuit");
                         });

using BadAltstack = PreloadTest;

// Seen to fail (SIGSEGV) with a look at its flags before the kernel had one.
TEST_F(BadAltstack, IsAnError) {
  const Command command{.argv = {program("sets_bad_altstack")}};
  const Outcome plain = bare(command);
  EXPECT_EQ(plain.out, "new: -1, errno 14\nold: -1, errno 14\n");
  expect_same(plain, recorded(command));
}

}  // namespace
}  // namespace axshim_test
