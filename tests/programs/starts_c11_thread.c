// A thread of C11's that leaves by argv[1] (return, thrd_exit, overflow); its result is the exit status.
#include <string.h>
#include <threads.h>

static int recurse(int depth) {
  volatile char frame[4096];
  frame[0] = (char)depth;
  return depth < 0 ? 0 : recurse(depth + 1) + frame[0];
}

static int work(void *how) {
  if (!strcmp(how, "overflow")) return recurse(0);
  if (!strcmp(how, "thrd_exit")) thrd_exit(42);
  return -7;
}

int main(int argc, char **argv) {
  thrd_t thread;
  int result = 0;
  if (argc < 2 || thrd_create(&thread, work, argv[1]) != thrd_success) return 1;
  if (thrd_join(thread, &result) != thrd_success) return 2;
  return result == -7 ? 7 : result;
}
