// `axshim recover` where SIGKILL came between the journal of one image and that of the next.
#include <elf.h>
#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "preload/journals.h"

namespace axshim_test {
namespace {

using testing::IsEmpty;

#if defined(__x86_64__)
long number_of(const user_regs_struct &registers) { return static_cast<long>(registers.orig_rax); }
#else
long number_of(const user_regs_struct &registers) { return static_cast<long>(registers.regs[8]); }
#endif

class RecoveryAfterAnExec : public Journal {
 protected:
  // Stopped in front of its first instruction after its second exec, the one of its own.
  pid_t start_traced(const std::string &path) {
    const pid_t pid = fork();
    if (pid == 0) {
      setenv("LD_PRELOAD", library().c_str(), 1);
      setenv("AXSHIM_DIR", journals().c_str(), 1);
      setenv("AXSHIM_CLEANUP", "write:log=once", 1);
      const int null = open("/dev/null", O_WRONLY);
      if (chdir(file("there").c_str()) != 0 || dup2(null, 1) != 1) _exit(126);
      ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
      execl(path.c_str(), path.c_str(), nullptr);
      _exit(127);
    }
    for (int execs = 0, status; execs < 2; ++execs) {
      EXPECT_EQ(waitpid(pid, &status, 0), pid);
      if (execs == 0) ptrace(PTRACE_SETOPTIONS, pid, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
      if (execs == 0) ptrace(PTRACE_CONT, pid, nullptr, nullptr);
    }
    return pid;
  }
  // Past so many stops at system calls; false where main prints before.
  static bool step(pid_t pid, int steps) {
    for (int i = 0, status; i < steps; ++i) {
      user_regs_struct registers = {};
      ptrace(PTRACE_SYSCALL, pid, nullptr, nullptr);
      if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status)) return false;
      iovec where = {&registers, sizeof registers};
      ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &where);
      if (number_of(registers) == SYS_write) return false;
    }
    return true;
  }
  static void kill_and_wait_traced(pid_t pid) {
    kill(pid, SIGKILL);
    for (int status = 0; waitpid(pid, &status, 0) == pid && !WIFSIGNALED(status);) continue;
  }
};

// At each system call of an exec what was declared is in one whole journal. Seen to be lost at some ten of
// them where the new image removed the old one's before it made its own.
TEST_F(RecoveryAfterAnExec, KnowsWhatWasDeclaredAtEachStep) {
  create_directory(file("there"));
  bool is_done = false, was_unfinished = false;
  for (int steps = 0; !is_done; ++steps) {
    ASSERT_LT(steps, 1000);
    const pid_t pid = start_traced(program("execs_itself"));
    is_done = !step(pid, steps);
    kill_and_wait_traced(pid);
    const Outcome end = recover();
    ASSERT_EQ(end.status, exited(0)) << steps << end.out << end.err;
    ASSERT_EQ(read_file(file("there") / "log"), "once\n") << steps << end.out << end.err;
    ASSERT_THAT(files(), IsEmpty()) << steps;
    std::filesystem::remove(file("there") / "log");
    was_unfinished = was_unfinished || end.out.find("removed") != std::string::npos;
  }
  EXPECT_TRUE(was_unfinished);
}

}  // namespace
}  // namespace axshim_test
