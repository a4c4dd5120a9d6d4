// Forks process 1 of a new PID namespace, which ends by argv[1] (breakpoint, raise, kill), and prints how.
// 77: it may not.
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  int status = 0;
  if (argc < 2 || (unshare(CLONE_NEWPID) && unshare(CLONE_NEWUSER | CLONE_NEWPID))) return 77;
  if (fork() == 0) {
    if (getpid() != 1) return 1;
    if (!strcmp(argv[1], "breakpoint")) __asm__ volatile("int3");
    if (!strcmp(argv[1], "raise")) raise(SIGSEGV);
    if (!strcmp(argv[1], "kill")) kill(1, SIGSEGV);
    return 5;
  }
  wait(&status);
  printf("process 1: wait status %#x\n", status);
  return 0;
}
