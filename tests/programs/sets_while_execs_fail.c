// Ignores SIGSEGV and no longer while another thread tries to exec argv[1], which is no program; prints how
// often that was undone two execs later.
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static volatile int tries, lost;
static void *work(void *path) {
  for (char *const args[] = {path, 0};; ++tries) execv(path, args);
  return path;
}
int main(int argc, char **argv) {
  pthread_t thread;
  if (argc < 2 || pthread_create(&thread, 0, work, argv[1])) return 1;
  for (int i = 0; i < 60; ++i) {
    struct sigaction now, own = {.sa_handler = i % 2 ? SIG_IGN : SIG_DFL};
    sigaction(SIGSEGV, &own, 0);
    for (const int before = tries; tries < before + 2;) sched_yield();
    sigaction(SIGSEGV, 0, &now);
    lost += now.sa_handler != own.sa_handler;
  }
  _exit(dprintf(1, "lost: %d\n", lost) < 0);
}
