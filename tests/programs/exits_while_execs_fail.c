// Says "handler" five times, by exit handlers, while another thread tries in vain to exec (the argument is
// too long).
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char argument[1 << 20];
static volatile int tries;

static void say(void) { write(1, "handler\n", 8); }
static void *try(void *unused) {
  char *const args[] = {argument, 0};
  for (;; ++tries) execv("/bin/true", args);
  return unused;
}

int main(void) {
  pthread_t thread;
  memset(argument, 'x', sizeof argument - 1);
  for (int i = 0; i < 5; ++i) atexit(say);
  if (pthread_create(&thread, 0, try, 0)) return 1;
  while (tries < 10) continue;
  exit(0);
}
