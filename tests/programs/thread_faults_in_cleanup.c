// Calls _exit(3); its cleanup waits for a thread that gets a fault meanwhile. With an argument it has a
// handler that repairs it.
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

static char *page;
static volatile int wanted, done;

static void repair(int number) { mprotect(page, 1, number ? PROT_WRITE : 0); }
static void *work(void *unused) {
  while (!wanted) continue;
  return *page = 1, done = 1, unused;
}
void waits_for_thread(void) {
  for (wanted = 1; !done;) continue;
}
int main(int argc, char **) {
  pthread_t thread;
  page = mmap(0, 1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (argc > 1) signal(SIGSEGV, repair);
  pthread_create(&thread, 0, work, 0);
  _exit(3);
}
