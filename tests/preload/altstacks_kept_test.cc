// The alternate stacks that the shim gives to threads: large enough, guarded, never in the program's way, and
// gone with their thread.
#include <signal.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

using testing::ElementsAre;

class AlternateStack : public PreloadTest {
 protected:
  // Same as bare; the record.
  Json record_of(const std::vector<std::string> &argv) {
    std::filesystem::remove(log());
    Command command{.argv = argv, .env = {{"AXSHIM_CLEANUP", "lock=unlink:lock"}}};
    command.argv[0] = program(argv[0]);
    const Outcome plain = bare(command), end = recorded(command);
    expect_same(plain, end);
    out_ = end.out;
    return only_record(log());
  }
  std::string out_;
};

// A query shows SS_DISABLE, the program's own stack wins and can be disabled again. Seen to fail (flags 0,
// size 262144) with sigaltstack passed straight through.
TEST_F(AlternateStack, IsTheProgramsOwn) { record_of({"uses_altstack"}); }

// Such a handler ran on the thread's stack before us. Seen to fail (SIGSEGV) with a stack of 128 KiB.
TEST_F(AlternateStack, IsLargeEnoughForAHandlerOfTheProgram) {
  record_of({"handler_uses_200k"});
  EXPECT_EQ(out_, "handled\nhandled\n");
}

// Where it ends nothing else begins. Seen to fail (SEGV_MAPERR, some megabytes of other mappings further
// down) without the guard page.
TEST_F(AlternateStack, IsGuardedAgainstAHandlerOfTheProgram) {
  const Json record = record_of({"overflows_in_handler"});
  EXPECT_EQ(record["termination"].value("code", ""), "SEGV_ACCERR");
  EXPECT_THAT(outcomes(record), ElementsAre("lock: ran"));
}

// Seen to fail (no record) with the kernel's SS_DISABLE where the program asks for it, with SS_AUTODISARM in
// the second case.
TEST_F(AlternateStack, IsThereAgainWhenTheProgramDisablesItsOwn) {
  EXPECT_THAT(outcomes(record_of({"disables_altstack"})), ElementsAre("lock: ran"));
  EXPECT_THAT(outcomes(record_of({"disables_altstack", "autodisarm"})), ElementsAre("lock: ran"));
}

// What still runs of a thread that leaves does not share it with the next. Seen to fail (flags 0) without the
// call that disables it in release().
TEST_F(AlternateStack, OfAThreadThatLeavesIsNoOthersYet) {
  record_of({"leaves_on_altstack"});
  record_of({"leaves_on_altstack", "after"});
}

// Seen to fail (grown) without give_back() in release(), with release() called only where the thread's
// function returns, and without give_back() where pthread_create fails.
class AlternateStacks : public AlternateStack, public testing::WithParamInterface<const char *> {};

TEST_P(AlternateStacks, AreUsedAgainByTheNextThread) {
  record_of({"starts_100_threads", GetParam()});
  EXPECT_EQ(out_, "not\n");
}

INSTANTIATE_TEST_SUITE_P(OfThreadsThat, AlternateStacks, testing::Values("return", "pthread_exit", "fail"),
                         [](const auto &info) { return std::string(info.param); });

}  // namespace
}  // namespace axshim_test
