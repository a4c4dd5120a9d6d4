// Gives up its capabilities, starts a thread, says "ready" and keeps the heap busy. Its exit handler
// allocates.
#include <linux/capability.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>
extern int capset(void *header, const void *data);

static void handler(void) { free(malloc(100000)), write(1, "handler\n", 8); }
static void *keep_busy(void *unused) {
  for (char *volatile room;; free(room)) room = malloc(rand() % 5000);
  return unused;
}

int main(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  const struct __user_cap_data_struct none[2] = {{0}};
  pthread_t thread;
  if (capset(&header, none) || pthread_create(&thread, 0, keep_busy, 0) || atexit(handler)) return 1;
  if (write(1, "ready\n", 6) == 6) keep_busy(0);
}
