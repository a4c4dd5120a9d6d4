// Times commands side by side: each in turn, again and again, so that a noisy machine is noisy for all of
// them.
//   alternate ROUNDS LABEL COMMAND [LABEL COMMAND]…
// A command is words separated by spaces; those with a `=` before the program are its environment, and there
// is no other. Prints the median and the ratio to the first command's.
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

enum { kMaxWords = 64 };

static double microseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double run(const char *command) {
  char words[4096], *argv[kMaxWords + 1] = {0}, *envp[kMaxWords + 1] = {0};
  int arguments = 0, variables = 0;
  snprintf(words, sizeof words, "%s", command);
  for (char *word = strtok(words, " "); word != NULL && arguments < kMaxWords; word = strtok(NULL, " ")) {
    if (arguments == 0 && strchr(word, '=') != NULL) {
      envp[variables++] = word;
    } else {
      argv[arguments++] = word;
    }
  }
  posix_spawn_file_actions_t quiet;
  posix_spawn_file_actions_init(&quiet);
  posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", 1, 0);
  posix_spawn_file_actions_addopen(&quiet, 2, "/dev/null", 1, 0);
  pid_t child;
  int status;
  const double start = microseconds();
  if (posix_spawnp(&child, argv[0], &quiet, NULL, argv, envp) != 0 || waitpid(child, &status, 0) != child) {
    fprintf(stderr, "alternate: cannot run %s\n", command);
    exit(1);
  }
  const double taken = microseconds() - start;
  posix_spawn_file_actions_destroy(&quiet);
  return taken;
}

int main(int argc, char **argv) {
  const int rounds = argc > 3 ? atoi(argv[1]) : 0, commands = (argc - 2) / 2;
  if (rounds < 1) {
    fprintf(stderr, "usage: alternate ROUNDS LABEL COMMAND [LABEL COMMAND]...\n");
    return 2;
  }
  double *times = calloc((size_t)rounds * commands, sizeof *times);
  for (int c = 0; c < commands; ++c) run(argv[3 + 2 * c]);  // warm the caches
  for (int r = 0; r < rounds; ++r)
    for (int c = 0; c < commands; ++c) times[c * rounds + r] = run(argv[3 + 2 * c]);
  double first = 0;
  for (int c = 0; c < commands; ++c) {
    qsort(times + c * rounds, rounds, sizeof *times, compare);
    const double median = times[c * rounds + rounds / 2];
    if (c == 0) first = median;
    printf("  %-34s %10.1f us  %8.3f x  %+10.1f us\n", argv[2 + 2 * c], median, median / first,
           median - first);
  }
  return 0;
}
