// Blocks what the processor raises and the realtime signals, sends itself one of each, and leaves as argv[1]
// says.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv) {
  const char *how = argc > 1 ? argv[1] : "return";
  char *const args[] = {"/bin/true", NULL}, *const garbage[] = {"./garbage", NULL};
  const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGRTMAX, SIGRTMAX - 1};
  sigset_t all, pending;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, NULL);
  for (unsigned i = 0; i < sizeof faults / sizeof *faults; ++i) kill(getpid(), faults[i]);
  if (strcmp(how, "_exit") == 0) _exit(3);
  if (strcmp(how, "exit") == 0) exit(4);
  if (strcmp(how, "quick_exit") == 0) quick_exit(5);
  if (strcmp(how, "exec") == 0) execv(args[0], args);
  if (strcmp(how, "garbage") == 0) execv(garbage[0], garbage);
  sigpending(&pending);
  for (int signal = 1; signal < NSIG; ++signal)
    printf(sigismember(&pending, signal) == 1 ? " %d" : "", signal);
  return 0;
}
