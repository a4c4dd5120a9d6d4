// SIGHUP, SIGUSR1 and SIGTERM, at their default action since the start or by argv[1] (sigaction, signal), are
// pending all at once: the kernel lets SIGHUP in first.
#include <signal.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv) {
  const int numbers[] = {SIGTERM, SIGUSR1, SIGHUP};
  const struct sigaction by_default = {.sa_flags = 0};
  sigset_t set;
  sigemptyset(&set);
  for (int i = 0; i < 3; ++i) {
    sigaddset(&set, numbers[i]);
    if (argc > 1 && !strcmp(argv[1], "sigaction")) sigaction(numbers[i], &by_default, 0);
    if (argc > 1 && !strcmp(argv[1], "signal")) signal(numbers[i], SIG_DFL);
  }
  sigprocmask(SIG_BLOCK, &set, 0);
  for (int i = 0; i < 3; ++i) kill(getpid(), numbers[i]);
  sigprocmask(SIG_UNBLOCK, &set, 0);
  return 3;
}
