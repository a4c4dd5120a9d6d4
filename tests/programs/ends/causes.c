#include "causes.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

extern char **environ;

static void become(const char *path) {
  char *args[] = {(char *)path, 0};
  execve(path, args, environ);
}

// Another thread may be the one that takes the signal: this one must not get ahead of it.
static void kill_self(int number) {
  kill(getpid(), number);
  for (;;) pause();
}

void end_by(const char *cause) {
  if (!strcmp(cause, "return")) return;
  if (!strcmp(cause, "exit")) exit(11);
  if (!strcmp(cause, "_exit")) _exit(12);
  if (!strcmp(cause, "_Exit")) _Exit(13);
  if (!strcmp(cause, "quick_exit")) quick_exit(14);
  if (!strcmp(cause, "abort")) abort();
  if (!strcmp(cause, "sigterm")) kill_self(SIGTERM);
  if (!strcmp(cause, "sigsegv")) *(volatile int *)0 = 1;
  if (!strcmp(cause, "sigkill_self")) kill_self(SIGKILL);
  if (!strcmp(cause, "execve")) become("/bin/false");
  if (!strcmp(cause, "exec_fails")) become("/nonexistent/program");
  if (!strcmp(cause, "syscall_exit_group")) syscall(SYS_exit_group, 15);
  _exit(16);  // an exec that failed comes here
}
