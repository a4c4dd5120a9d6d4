// A thread's exec of argv[1] fails again and again; after the first failures main calls _exit(3).
#include <pthread.h>
#include <unistd.h>

static int failed[2];

static void *work(void *path) {
  char *const args[] = {path, 0};
  for (int count = 0; execv(path, args) != 0; ++count) {
    if (count == 3) write(failed[1], "", 1);
  }
  return 0;
}

int main(int argc, char **argv) {
  pthread_t thread;
  char byte;
  if (argc < 2 || pipe(failed) || pthread_create(&thread, 0, work, argv[1])) return 1;
  if (read(failed[0], &byte, 1) == 1) _exit(3);
  return 2;
}
