// Two threads that end the process, or try to, each held where the other would have come between.
#include <sys/stat.h>
#include <sys/syscall.h>

#include "preload/harness.h"
#include "preload/tracer.h"

namespace axshim_test {
namespace {

class HeldThreads : public PreloadTest {
 protected:
  Outcome run(const std::vector<std::string> &threads, std::function<void(Tracer &)> race) {
    chmod(make_file("garbage", "\1\2\3garbage").c_str(), 0700);
    Command command{.argv = {program("does_in_threads")},
                    .env = {{"AXSHIM_LOG", log()}, {"AXSHIM_REPORT", "always"}},
                    .cwd = dir()};
    command.argv.insert(command.argv.end(), threads.begin(), threads.end());
    command.interact = [&](pid_t pid) {
      Tracer tracer(pid);
      race(tracer);
    };
    return preloaded(command);
  }
};

constexpr SystemCall kDying = {.number = SYS_rt_tgsigqueueinfo, .after = true};
constexpr SystemCall kSetsTerm = {.number = SYS_rt_sigaction, .first = SIGTERM};

// The kernel has SIG_DFL then, for the thread that dies. Seen to fail (it never ended) where the hook of kill
// put our handler back all the same.
TEST_F(HeldThreads, OneDiesWhileAnotherSendsTheSameSignal) {
  const Outcome end = run({"raises", "kills"}, [](Tracer &tracer) {
    tracer.hold("raises", {kDying});
    tracer.hold("kills", {{.number = SYS_kill, .after = true}});
  });
  EXPECT_EQ(end.status, killed(SIGTERM)) << describe(end.status);
}

// The other has looked already, and is about to put our handler back: that is called once more, by a thread
// that has chosen to die.
TEST_F(HeldThreads, OneDiesWhileAnotherHasSeenTheDefault) {
  const Outcome end = run({"raises", "resets"}, [](Tracer &tracer) {
    for (int call = 0; call < 3; ++call) tracer.hold("resets", {kSetsTerm});  // its own, a look, our handler
    tracer.hold("raises", {kDying});
    tracer.hold("resets", {{.number = SYS_rt_sigaction, .first = SIGTERM, .after = true}});
    tracer.release("raises");
  });
  EXPECT_EQ(end.status, killed(SIGTERM)) << describe(end.status);
}

// Seen to fail (it never ended) where sigaction does not wait.
TEST_F(HeldThreads, OneDiesWhileAnotherSetsWhatTheSignalDoes) {
  const Outcome end = run({"raises", "handles"}, [](Tracer &tracer) {
    tracer.hold("raises", {kDying});
    tracer.hold("handles", {{.number = SYS_ppoll}, {.number = SYS_exit}});
    tracer.release("raises");
  });
  EXPECT_EQ(end.status, killed(SIGTERM)) << describe(end.status);
}

// The other has seen that nobody dies: who dies waits for it. Seen to fail (it never ended) where it does
// not.
TEST_F(HeldThreads, OneDiesWhileAnotherIsAboutToSetWhatTheSignalDoes) {
  const Outcome end = run({"raises", "handles"}, [](Tracer &tracer) {
    tracer.hold("handles", {kSetsTerm});
    tracer.hold("raises", {{.number = SYS_ppoll}, kDying});
    tracer.hold("handles", {{.number = SYS_rt_sigaction, .first = SIGTERM, .after = true}});
    tracer.release("raises");
  });
  EXPECT_EQ(end.status, killed(SIGTERM)) << describe(end.status);
}

// An exec that fails goes back to what its own claim replaced, not to the claim of the other.
TEST_F(HeldThreads, TwoExecsThatFailLetTheProcessGoOn) {
  const Outcome end = run({"execs 1", "execs 2"}, [](Tracer &tracer) {
    tracer.hold("execs 2", {{.number = SYS_rt_sigprocmask}});  // it has seen that nobody ends the process
    tracer.hold("execs 1", {{.number = SYS_uname}});           // for its record
    tracer.hold("execs 2", {{.number = SYS_ppoll}});
    tracer.release("execs 1");
    tracer.release("execs 2");
  });
  EXPECT_EQ(end.status, exited(0)) << describe(end.status);
}

// Both take faults of their own meanwhile, by a handler for all, and the second does not take that for the
// program's.
TEST_F(HeldThreads, TwoThatTakeFaultsLeaveThoseOfTheProgramAlone) {
  const Outcome end = run({"looks 1", "looks 2", "faults"}, [](Tracer &tracer) {
    const SystemCall sets_segv = {.number = SYS_rt_sigaction, .first = SIGSEGV};
    for (int call = 0; call < 3; ++call) tracer.hold("looks 1", {sets_segv});  // ours, a look, the program's
    tracer.hold("looks 2", {{.number = SYS_execve}, {.number = SYS_ppoll}, {.number = SYS_sched_yield}});
    tracer.release("looks 2");
    tracer.release("looks 1");
  });
  EXPECT_EQ(end.status, killed(SIGSEGV)) << describe(end.status);
  EXPECT_EQ(only_record(log())["termination"]["code"], "SEGV_MAPERR");
}

// The first is at the end of libc's list and writes the record; the second waits for that.
TEST_F(HeldThreads, TwoThatCallExitWriteOneRecord) {
  const Outcome end = run({"exits 1", "exits 2"}, [](Tracer &tracer) {
    tracer.hold("exits 1", {{.number = SYS_uname}});
    tracer.hold("exits 2", {{.number = SYS_ppoll}, {.number = SYS_exit_group}});
  });
  EXPECT_EQ(end.status, exited(3)) << describe(end.status);
  EXPECT_EQ(only_record(log())["termination"]["kind"], "exit");
}

}  // namespace
}  // namespace axshim_test
