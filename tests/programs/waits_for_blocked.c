// Blocked signals: takes one by sigwait, one by a signalfd, prints which is pending, and dies of that at
// last.
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

int main(void) {
  int numbers[] = {SIGUSR1, SIGALRM, SIGTERM}, number = 0;
  sigset_t set, first, second, pending;
  sigemptyset(&set), sigemptyset(&first), sigemptyset(&second);
  sigaddset(&first, SIGUSR1), sigaddset(&second, SIGALRM);
  for (int i = 0; i < 3; ++i) sigaddset(&set, numbers[i]);
  sigprocmask(SIG_BLOCK, &set, 0);
  for (int i = 0; i < 3; ++i) kill(getpid(), numbers[i]);
  struct signalfd_siginfo info;
  printf("sigwait: %d, ", sigwait(&first, &number));
  printf("%d\nsignalfd: %d, ", number, (int)read(signalfd(-1, &second, 0), &info, sizeof info));
  printf("%u\npending:", info.ssi_signo);
  sigpending(&pending);
  for (number = 1; number < NSIG; ++number) printf(sigismember(&pending, number) == 1 ? " %d" : "", number);
  puts(""), fflush(stdout);
  sigprocmask(SIG_UNBLOCK, &set, 0);
  return 6;
}
