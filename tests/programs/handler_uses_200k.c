// An SA_ONSTACK handler that uses 200 KB, without an alternate stack of its own, or with an argument having
// disabled one; in main, and in a thread.
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static void on_usr1(int number) {
  volatile char room[200000];
  memset((char *)room, number, sizeof room);
  write(1, "handled\n", room[199999] == number ? 8 : 0);
}

static void *work(void *unused) {
  raise(SIGUSR1);
  return unused;
}

int main(int argc, char **argv) {
  const stack_t own = {.ss_sp = *argv, .ss_size = 1 << 16}, none = {.ss_flags = SS_DISABLE};
  const struct sigaction action = {.sa_flags = SA_ONSTACK, .sa_handler = on_usr1};
  pthread_t thread;
  if (argc > 1 && (sigaltstack(&own, 0) || sigaltstack(&none, 0))) return 1;
  sigaction(SIGUSR1, &action, 0);
  work(0);
  pthread_create(&thread, 0, work, 0);
  return pthread_join(thread, 0);
}
