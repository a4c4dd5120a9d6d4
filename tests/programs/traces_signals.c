// Runs argv[1] and prints each signal that it gets, as the kernel delivers it.
#include <signal.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  int status = 0;
  siginfo_t info;
  const pid_t child = argc < 2 ? -1 : fork();
  if (child == 0 && ptrace(PTRACE_TRACEME, 0, 0, 0) == 0) execv(argv[1], argv + 1);
  if (child == 0) _exit(77);
  while (child > 0 && waitpid(child, &status, 0) == child && WIFSTOPPED(status)) {
    ptrace(PTRACE_GETSIGINFO, child, 0, &info);
    printf("signal %d, code %d, address %p\n", info.si_signo, info.si_code,
           info.si_code > 0 ? info.si_addr : 0);
    ptrace(PTRACE_CONT, child, 0, info.si_signo == SIGTRAP ? 0 : info.si_signo);
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}
