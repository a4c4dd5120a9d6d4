// Prints without a flush, then ends by argv[1]; exec becomes argv[2].
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv) {
  const char *how = argc > 1 ? argv[1] : "";
  printf("not flushed");
  if (!strcmp(how, "_exit")) _exit(3);
  if (!strcmp(how, "_Exit")) _Exit(3);
  if (!strcmp(how, "quick_exit")) quick_exit(3);
  if (!strcmp(how, "syscall")) syscall(SYS_exit_group, 3);
  if (!strcmp(how, "abort")) abort();
  if (!strcmp(how, "sigterm")) raise(SIGTERM);
  if (!strcmp(how, "sigpipe")) raise(SIGPIPE);
  if (!strcmp(how, "sigsegv")) *(volatile int *)0 = 1;
  if (!strcmp(how, "exec")) execv(argv[2], argv + 2);
  if (!strcmp(how, "closed") && close(1) == 0) _exit(3);
  return 3;
}
