// By argv[1] (_Fork, clone) makes a child that no atfork handler hears of, which ends by argv[2].
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

void cleanup_tells(void) { write(1, "cleaned\n", 8); }

int main(int argc, char **argv) {
  if (argc < 3) return 1;
  int status = -1;
  const pid_t child = strcmp(argv[1], "_Fork") ? (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) : _Fork();
  if (child == 0) {
    if (!strcmp(argv[2], "_exit")) _exit(3);
    if (!strcmp(argv[2], "exit")) exit(4);
    return *(volatile int *)0;
  }
  if (child < 0 || waitpid(child, &status, 0) != child) return 2;
  printf("child: wait status %#x\n", status);
  return 0;
}
