// Nanoseconds for each of N cleanups of axshim.h, under the preload: registered, run, unregistered newest
// first, and registered where there were others before; and for each of N handlers of libc's own atexit. A
// child for each round, for fresh memory; the median of the rounds. Then those of a scope's guard.
#define _GNU_SOURCE
#include <axshim/axshim.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

typedef int Register(void (*)(void *), void *, void *);
enum { kAtexit, kRegister, kRun, kAgain, kUnregister, kFigures };
struct Round {
  double ns[kFigures];
};

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void nothing(void *ignored) { (void)ignored; }

static void register_all(axshim_id *ids, long count) {
  for (long i = 0; i < count; ++i) ids[i] = axshim_register(NULL, nothing, NULL, 0);
}

static struct Round measure_here(long count) {
  Register *const libcs = (Register *)dlsym(dlopen("libc.so.6", RTLD_LAZY), "__cxa_atexit");
  axshim_id *ids = malloc((size_t)count * sizeof *ids);
  struct Round round;
  double times[kFigures + 1];
  memset(ids, 1, (size_t)count * sizeof *ids);
  times[0] = now();
  for (long i = 0; i < count; ++i) libcs(nothing, NULL, NULL);
  times[1] = now();
  register_all(ids, count);
  times[2] = now();
  axshim_run();
  times[3] = now();
  register_all(ids, count);
  times[4] = now();
  for (long i = count; i-- > 0;) axshim_unregister(ids[i]);
  times[5] = now();
  for (int i = 0; i < kFigures; ++i) round.ns[i] = (times[i + 1] - times[i]) / (double)count;
  return round;
}

static struct Round measure(long count) {
  int ends[2];
  struct Round round;
  if (pipe(ends) != 0) abort();
  const pid_t child = fork();
  if (child == 0) {
    round = measure_here(count);
    _exit(write(ends[1], &round, sizeof round) != sizeof round);
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

int main(void) {
  enum { kRounds = 21 };
  const long pairs = 10000000;
  if (!axshim_active()) return fputs("registrations: the preload is not there\n", stderr), 1;
  printf("  %9s %12s %20s %20s %10s %12s\n", "cleanups", "atexit", "axshim_register", "again", "run",
         "unregister");
  for (long count = 1; count <= 1000000; count *= 10) {
    double ns[kFigures][kRounds];
    for (int i = 0; i < kRounds; ++i) {
      const struct Round round = measure(count);
      for (int figure = 0; figure < kFigures; ++figure) ns[figure][i] = round.ns[figure];
    }
    double median[kFigures];
    for (int figure = 0; figure < kFigures; ++figure) {
      qsort(ns[figure], kRounds, sizeof *ns[figure], compare);
      median[figure] = ns[figure][kRounds / 2];
    }
    printf("  %9ld %9.1f ns %9.1f ns %5.2f x %9.1f ns %5.2f x %7.1f ns %9.1f ns\n", count, median[kAtexit],
           median[kRegister], median[kRegister] / median[kAtexit], median[kAgain],
           median[kAgain] / median[kAtexit], median[kRun], median[kUnregister]);
    fflush(stdout);  // or each child has it too
  }
  const double begin = now();
  for (long i = 0; i < pairs; ++i) axshim_unregister(axshim_register(NULL, nothing, NULL, 0));
  printf("  a pair, as a scope's guard makes it: %.1f ns\n", (now() - begin) / (double)pairs);
  return 0;
}
