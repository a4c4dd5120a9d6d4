// A program that spoiled its environ pointer ends as ever.
#include <signal.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

struct Spoiled {
  std::string how;
  int status;
};

void PrintTo(const Spoiled &spoiled, std::ostream *out) { *out << spoiled.how; }

class BadEnviron : public PreloadTest, public testing::WithParamInterface<Spoiled> {};

// Seen to fail (SIGSEGV of the shim's own, where it was a fault) with a look at a variable at the end.
TEST_P(BadEnviron, DoesNotChangeTheEnd) {
  const Command command{.argv = {program("spoils_environ"), GetParam().how}};
  const Outcome plain = bare(command);
  EXPECT_EQ(plain.status, GetParam().status) << describe(plain.status);
  expect_same(plain, recorded(command));
  only_record(log());
}

INSTANTIATE_TEST_SUITE_P(And, BadEnviron,
                         testing::Values(Spoiled{"illegal", killed(SIGILL)}, Spoiled{"fpe", killed(SIGFPE)},
                                         Spoiled{"null", killed(SIGSEGV)}, Spoiled{"abort", killed(SIGABRT)},
                                         Spoiled{"raise", killed(SIGTERM)}, Spoiled{"_exit", exited(3)},
                                         Spoiled{"return", exited(4)}),
                         [](const auto &info) { return info.param.how; });

}  // namespace
}  // namespace axshim_test
