// Handlers with SA_ONSTACK, before and after this program has an alternate stack, in main and a thread, and
// where vfork children had theirs.
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stacks.h"

static const struct sigaction by_default, action = {.sa_handler = handle, .sa_flags = SA_ONSTACK};

static void *work(void *unused) {
  show("in a thread", SIGUSR1);
  return unused;
}

int main(void) {
  pthread_t thread;
  sigaction(SIGUSR1, &action, 0);
  sigaction(SIGCHLD, &action, 0);
  sigaction(SIGSEGV, &action, 0);
  show("none", SIGUSR1);
  show("none", SIGCHLD);
  show("none", SIGSEGV);
  pthread_create(&thread, 0, work, 0);
  pthread_join(thread, 0);
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  siginterrupt(SIGUSR1, 0);
  show("restarting", SIGUSR1);
  if (vfork() == 0) _exit(sigaction(SIGUSR1, &by_default, 0));
  show("after a child's default", SIGUSR1);
  if (vfork() == 0) {
    set_altstack();
    show("in a child", SIGUSR1);
    fflush(stdout);
    _exit(0);
  }
  show("after a child's altstack", SIGUSR1);
  set_altstack();
  show("its own", SIGUSR1);
  show("its own", SIGCHLD);
  sigaction(SIGUSR2, &action, 0);
  show("its own", SIGUSR2);
  while (wait(0) > 0) continue;
  fflush(stdout);
  if (fork() == 0) show("in a fork child", SIGUSR1);
  while (wait(0) > 0) continue;
  return 0;
}
