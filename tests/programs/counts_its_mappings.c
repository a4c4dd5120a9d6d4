// Holds argv[1] threads at once. Prints how many mappings it has then, and its resident pages when they ended.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static pthread_barrier_t all_there;
static void *work(void *unused) {
  pthread_barrier_wait(&all_there);
  pthread_barrier_wait(&all_there);
  return unused;
}

int main(int argc, char **argv) {
  const int count = atoi(argv[argc - 1]);
  pthread_t *threads = calloc(count, sizeof *threads);
  long mappings = 0, resident = 0;
  pthread_barrier_init(&all_there, 0, count + 1);
  for (int i = 0; i < count; ++i)
    if (pthread_create(&threads[i], 0, work, 0) != 0) return 1;
  pthread_barrier_wait(&all_there);
  FILE *maps = fopen("/proc/self/maps", "r");
  for (int c; (c = getc(maps)) != EOF;) mappings += c == '\n';
  pthread_barrier_wait(&all_there);
  for (int i = 0; i < count; ++i) pthread_join(threads[i], 0);
  return fscanf(fopen("/proc/self/statm", "r"), "%*d %ld", &resident) < 0 || printf("%ld %ld\n", mappings, resident) < 0;
}
