// Nanoseconds for each of N exit handlers, registered and run: by the names that the preload interposes, and
// by libc's own behind them, in turns. A child for each round, for fresh memory; the median of the rounds.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

typedef int Register(void (*)(void *), void *, void *);
extern Register __cxa_atexit;
extern void *__dso_handle;

struct Round {
  double registering, running;
};

static long count;
static int report;
static struct timespec begin, middle;
static struct timespec now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t;
}
static double ns_between(struct timespec a, struct timespec b) {
  return (double)(b.tv_sec - a.tv_sec) * 1e9 + (double)(b.tv_nsec - a.tv_nsec);
}

static void handler(void *ignored) { (void)ignored; }

// Registered first, so it runs last.
static void write_times(void *ignored) {
  (void)ignored;
  const struct Round round = {ns_between(begin, middle) / (double)count,
                              ns_between(middle, now()) / (double)count};
  if (write(report, &round, sizeof round) != sizeof round) abort();
}

static struct Round measure(Register *function) {
  int ends[2];
  struct Round round;
  if (pipe(ends) != 0) abort();
  const pid_t child = fork();
  if (child == 0) {
    report = ends[1];
    function(write_times, NULL, &__dso_handle);
    begin = now();
    for (long i = 0; i < count; ++i) function(handler, NULL, &__dso_handle);
    middle = now();
    exit(0);
  }
  if (read(ends[0], &round, sizeof round) != sizeof round) abort();
  close(ends[0]);
  close(ends[1]);
  waitpid(child, NULL, 0);
  return round;
}

static int compare(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *values, int n) {
  qsort(values, (size_t)n, sizeof *values, compare);
  return values[n / 2];
}

int main(void) {
  enum { kRounds = 31 };
  Register *const ways[] = {(Register *)dlsym(dlopen("libc.so.6", RTLD_LAZY), "__cxa_atexit"), __cxa_atexit};
  printf("  %9s %21s %21s %8s\n", "handlers", "plain: register, run", "axshim: register, run", "ratio");
  fflush(stdout);
  for (count = 1; count <= 1000000; count *= 10) {
    double registering[2][kRounds], running[2][kRounds], total[2][kRounds];
    for (int i = 0; i < kRounds; ++i) {
      for (int way = 0; way < 2; ++way) {
        const struct Round round = measure(ways[way]);
        registering[way][i] = round.registering;
        running[way][i] = round.running;
        total[way][i] = round.registering + round.running;
      }
    }
    printf("  %9ld", count);
    for (int way = 0; way < 2; ++way)
      printf(" %10.1f, %6.1f ns", median(registering[way], kRounds), median(running[way], kRounds));
    printf(" %6.2f x\n", median(total[1], kRounds) / median(total[0], kRounds));
    fflush(stdout);  // or each child has it too
  }
  return 0;
}
