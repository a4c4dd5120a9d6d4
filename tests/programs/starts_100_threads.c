// Starts a hundred threads, one after the other, which leave as argv[1] says (pthread_exit, return) or cannot
// start (fail). Prints whether it has grown by more than 8 MiB since the tenth.
#include <pthread.h>
#include <stdio.h>

static char how;

static void *work(void *unused) {
  if (how == 'p') pthread_exit(unused);
  return unused;
}
int main(int argc, char **argv) {
  pthread_attr_t attributes;
  pthread_t thread;
  long first = 0, pages = 0;
  how = *argv[argc - 1];
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, how == 'f' ? 1UL << 50 : 1 << 16);
  for (int i = 0; i < 100; ++i, first = i == 10 ? pages : first) {
    if (fscanf(fopen("/proc/self/statm", "r"), "%ld", &pages) != 1) return 1;
    if (pthread_create(&thread, &attributes, work, 0) == 0) pthread_join(thread, 0);
  }
  puts(pages > first + 2048 ? "grown" : "not");
}
