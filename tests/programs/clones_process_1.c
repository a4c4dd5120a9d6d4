// Makes process 1 of a new PID namespace, of which no atfork handler hears; it ends by argv[1] (_exit, exit,
// null).
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  int status = -1;
  const pid_t child = argc < 2 ? -1 : (pid_t)syscall(SYS_clone, SIGCHLD | CLONE_NEWPID, 0, 0, 0, 0);
  if (child == 0 && *argv[1] == '_') _exit(3);
  if (child == 0 && *argv[1] == 'e') exit(4);
  if (child == 0) return *(volatile int *)0;
  if (child < 0 || waitpid(child, &status, 0) != child) return 2;
  printf("%d: wait status of process 1: %#x\n", getpid(), status);
  return 0;
}
