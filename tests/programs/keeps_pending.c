// Has SIGPIPE, SIGXFSZ and SIGTTOU blocked and pending, execs argv[1], which is no program, in vain, and
// prints what is pending then and what is blocked.
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv) {
  const int numbers[] = {SIGPIPE, SIGXFSZ, SIGTTOU};
  sigset_t set;
  sigemptyset(&set);
  for (int i = 0; i < 3; ++i) sigaddset(&set, numbers[i]);
  sigprocmask(SIG_BLOCK, &set, 0);
  for (int i = 0; i < 3; ++i) kill(getpid(), numbers[i]);
  if (argc > 1) execv(argv[1], argv + 1);
  sigpending(&set);
  printf("pending %lx, ", set.__val[0]);
  sigprocmask(SIG_BLOCK, 0, &set);
  printf("blocked %lx\n", set.__val[0]);
  return 3;
}
