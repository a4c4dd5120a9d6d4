// Recurses until the stack is used up: in main, or in a thread where there is an argument.
#include <pthread.h>

static int recurse(int depth) {
  volatile char frame[4096];
  frame[0] = (char)depth;
  if (depth < 0) return 0;
  return recurse(depth + 1) + frame[0];
}

static void *work(void *unused) {
  (void)unused;
  recurse(0);
  return 0;
}

int main(int argc, char **argv) {
  (void)argv;
  if (argc == 1) return recurse(0);
  pthread_t thread;
  pthread_create(&thread, 0, work, 0);
  return pthread_join(thread, 0);
}
