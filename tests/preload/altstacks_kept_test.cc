// The alternate stacks that the shim gives to threads: large enough, guarded, never in the program's way, and
// gone with their thread.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <sstream>

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
  record_of({"handler_uses_200k", "after its own"});
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

// Where the program has set none its SA_ONSTACK handlers run on the thread's stack, as they do bare; the flag
// is there in queries, and works once there is one. Seen to fail ("another stack") with the flag in the
// kernel;
// ("the thread's stack" for "its own") where a vfork child's altstack counted as the parent's, and where
// those installed before were left.
TEST_F(AlternateStack, IsNotForHandlersOfAProgramThatHasNone) {
  const Command command{.argv = {program("asks_for_onstack")}};
  const Outcome plain = bare(command);
  EXPECT_THAT(plain.out, testing::HasSubstr("none: the thread's stack"));
  expect_same(plain, preloaded(command));
}

// Seen to fail (crashes, or one coroutine alone goes on) with both on our stack.
TEST_F(AlternateStack, IsNotLeftBySwitchingCoroutines) {
  record_of({"preempts_its_coroutines"});
  EXPECT_EQ(out_, "100 and 99 turns\n");
}

// The stacks of goroutines have no room for a handler: Go programs with cgo died of the hidden flag. Seen to
// fail (the argument) without the looks at what handlers there are, at this thread's alternate stack, at the
// mask.
TEST_F(AlternateStack, IsThereForHandlersWhereTheKernelAloneWasTold) {
  for (const char *how : {"altstack first", "kernel", "libc"}) {
    record_of({"calls_the_kernel_for_onstack", how});
    EXPECT_EQ(out_, "there\n");
  }
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

// As before Linux 6.13: madvise knows no guard pages.
void without_guard_pages() {
  sock_filter steps[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                         BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_madvise, 0, 3),
                         BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[2])),
                         BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 102, 0, 1),
                         BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
                         BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const sock_fprog filter = {.len = sizeof steps / sizeof *steps, .filter = steps};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}

struct Held {
  long mappings = 0, pages_afterwards = 0;
};

Held held(const Outcome &end) {
  EXPECT_EQ(end.status, exited(0));
  Held held;
  std::istringstream(end.out) >> held.mappings >> held.pages_afterwards;
  return held;
}

// vm.max_map_count let half as many threads start. Seen to fail (4,004 mappings more than bare) with a
// mapping and a guard page for each stack; (784 and 962 pages more, else 190) without
// MADV_DONTNEED.
TEST_F(AlternateStack, HardlyCostsAMappingWhereThreadsAreMany) {
  Command command{.argv = {program("counts_its_mappings"), "2000"}};
  const Held plain = held(bare(command));
  for (const bool guarded : {true, false}) {
    if (!guarded) command.before_exec = without_guard_pages;
    const Held end = held(preloaded(command));
    EXPECT_LE(end.mappings, plain.mappings + 300) << guarded;
    EXPECT_LE(end.pages_afterwards, plain.pages_afterwards + 450) << guarded;
  }
}

INSTANTIATE_TEST_SUITE_P(OfThreadsThat, AlternateStacks, testing::Values("return", "pthread_exit", "fail"),
                         [](const auto &info) { return std::string(info.param); });

}  // namespace
}  // namespace axshim_test
