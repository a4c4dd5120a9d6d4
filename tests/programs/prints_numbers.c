// Prints numbers, each a line, by argv[2] (putchar, fputs, printf, unlocked), to a buffer that is often full;
// an alarm comes after argv[1] microseconds. With a third argument it has a second thread.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

static void *wait_for_ever(void *unused) { return pause() ? unused : 0; }

int main(int argc, char **argv) {
  static char buffer[64], line[16];
  const struct itimerval soon = {.it_value = {0, argc > 2 ? atoi(argv[1]) : 1}};
  pthread_t thread;
  if (argc > 3 && pthread_create(&thread, 0, wait_for_ever, 0)) return 1;
  if (setvbuf(stdout, buffer, _IOFBF, sizeof buffer) || setitimer(ITIMER_REAL, &soon, 0)) return 2;
  for (int i = 0;; ++i) {
    sprintf(line, "%07d\n", i);
    if (argc > 2 && *argv[2] == 'f') fputs(line, stdout);
    if (argc > 2 && argv[2][1] == 'r') printf("%07d\n", i);
    for (char *c = line; argc > 2 && argv[2][1] == 'u' && *c; ++c) putchar(*c);
    for (char *c = line; argc > 2 && argv[2][1] == 'n' && *c; ++c) putchar_unlocked(*c);
  }
}
