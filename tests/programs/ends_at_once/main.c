// Four threads declare cleanups, take some back, register handlers, fork, exec in vain and set dispositions,
// at random, and then all of them end the process at once, each in a way of its own.
//
//   ends_at_once SEED OUT SAID LIVES   each cleanup appends its number to OUT; what is known goes to SAID
//
// Lines of SAID: a letter, the pid, a number. d before and D after a declaration, u and U of one that is
// taken back, E before the end, with its way ('x' is an exec, of itself).
#include <axshim/axshim.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kThreads = 4, kMost = 60 };

static char **arguments;
static int said;
static pthread_barrier_t all_at_once;

struct worker {
  unsigned seed;
  int number, declared, live;
  axshim_id ids[kMost];
  int numbers[kMost];
};

static void say(char what, int number) {
  char line[64];
  const int size = snprintf(line, sizeof line, "%c %d %d\n", what, getpid(), number);
  if (write(said, line, (size_t)size) != size) _exit(99);
}

static void handler(void) {}

static void declare(struct worker *it) {
  char entry[4096];
  const int number = it->number * 1000 + it->declared++;
  if (it->live == kMost) return;
  snprintf(entry, sizeof entry, "write:%s=%d:%d", arguments[2], getpid(), number);
  say('d', number);
  const axshim_id id = axshim_declare(entry);
  if (id == 0) return;
  say('D', number);
  it->ids[it->live] = id;
  it->numbers[it->live++] = number;
}

static void take_back(struct worker *it) {
  if (it->live == 0) return;
  const int i = rand_r(&it->seed) % it->live;
  say('u', it->numbers[i]);
  if (axshim_unregister(it->ids[i]) == 0) say('U', it->numbers[i]);
  it->ids[i] = it->ids[--it->live];
  it->numbers[i] = it->numbers[it->live];
}

static void end(unsigned *seed) {
  static const char kWays[] = "reak_qxE";
  const char way = kWays[(unsigned)rand_r(seed) % (sizeof kWays - 1)];
  char lives[16];
  say('E', way);
  switch (way) {
    case 'r':
      raise(SIGTERM);
      break;
    case 'k':
      kill(getpid(), SIGINT);
      break;
    case 'e':
      exit(3);
    case '_':
      _exit(4);
    case 'q':
      quick_exit(5);
    case 'a':
      abort();
    case 'E':
      __builtin_trap();
    case 'x':
      if (atoi(arguments[4]) <= 0) _exit(6);
      snprintf(lives, sizeof lives, "%d", atoi(arguments[4]) - 1);
      execl("/proc/self/exe", arguments[0], arguments[1], arguments[2], arguments[3], lives, NULL);
      _exit(7);
  }
}

static void fork_one(struct worker *it) {
  const pid_t child = fork();
  if (child > 0) {
    waitpid(child, NULL, rand_r(&it->seed) % 2 ? 0 : WNOHANG);
  } else if (child == 0) {
    it->live = 0;
    it->seed ^= (unsigned)getpid();
    for (int i = rand_r(&it->seed) % 4; i > 0; --i) declare(it);
    end(&it->seed);
    _exit(8);
  }
}

static void *work(void *argument) {
  struct worker *it = argument;
  for (int step = rand_r(&it->seed) % 60; step > 0; --step) {
    const int chance = rand_r(&it->seed) % 100;
    if (chance < 55)
      declare(it);
    else if (chance < 80)
      take_back(it);
    else if (chance < 88)
      atexit(handler);
    else if (chance < 91)
      fork_one(it);
    else if (chance < 94)
      execl("/dev/null", "null", NULL);
    else if (chance < 96)
      execl("/nowhere", "nowhere", NULL);
    else
      signal(chance % 2 ? SIGTERM : SIGINT, SIG_DFL);
  }
  pthread_barrier_wait(&all_at_once);
  for (int i = rand_r(&it->seed) % 2000; i > 0; --i) __asm__ volatile("" ::: "memory");
  end(&it->seed);
  return NULL;
}

int main(int argc, char **argv) {
  static struct worker workers[kThreads];
  pthread_t thread;
  if (argc != 5) return 2;
  arguments = argv;
  said = open(argv[3], O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  pthread_barrier_init(&all_at_once, NULL, kThreads);
  for (int i = 0; i < kThreads; ++i) {
    workers[i].seed = (unsigned)atoi(argv[1]) * 31 + (unsigned)i * 7919 + (unsigned)atoi(argv[4]);
    workers[i].number = atoi(argv[4]) * 10 + i;
    if (i > 0) pthread_create(&thread, NULL, work, &workers[i]);
  }
  work(&workers[0]);
  pause();
}
