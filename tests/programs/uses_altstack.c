// Prints what sigaltstack tells at first, with a stack of its own, and without again, in main and a thread.
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
static char space[1 << 16];

static void on_usr1(int number) { printf("%d\n", (size_t)((char *)&number - space) < sizeof space); }

static void *work(void *unused) {
  const stack_t none = {.ss_flags = SS_DISABLE}, small = {.ss_sp = space}, own = {space, 0, sizeof space};
  const stack_t *const steps[] = {0, &none, &small, &own, 0, &none, 0};
  for (int i = 0; i < 7; ++i) {
    stack_t old = {.ss_flags = 0x77};
    const int result = sigaltstack(steps[i], &old), is_own = old.ss_sp == space;
    printf("%d: %d, own %d, flags %x, size %zu\n", i, result, is_own, old.ss_flags, old.ss_size);
    if (i == 3) raise(SIGUSR1);
  }
  return unused;
}

int main(void) {
  pthread_t thread;
  sigaction(SIGUSR1, &(struct sigaction){.sa_flags = SA_ONSTACK, .sa_handler = on_usr1}, 0);
  return work(0) || pthread_create(&thread, 0, work, 0) || pthread_join(thread, 0);
}
