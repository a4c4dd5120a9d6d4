// A thread for each argument, named so, that does what its name says once the main thread is traced, which is
// the last to be. Returns 0 after all.
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_barrier_t all_named;

static _Atomic int done;
static volatile int traced;  // also for one that runs only when it is over

static void wait_for_tracer(void) {
  while (!traced) {
    char text[4096] = "";
    const int fd = open("/proc/self/status", O_RDONLY);
    text[read(fd, text, sizeof text - 1)] = '\0';
    close(fd);
    if (strstr(text, "TracerPid:\t") != NULL && strstr(text, "TracerPid:\t0\n") == NULL) traced = 1;
  }
}

static void *run(void *argument) {
  const char *what = argument;
  char *const garbage[] = {"garbage", NULL};
  const long by_default[4] = {0};
  prctl(PR_SET_NAME, what);
  pthread_barrier_wait(&all_named);
  wait_for_tracer();
  if (strncmp(what, "execs", 5) == 0) execv("./garbage", garbage);
  if (strncmp(what, "looks", 5) == 0) execv("/nowhere", garbage);
  if (strcmp(what, "raises") == 0) raise(SIGTERM);
  if (strcmp(what, "kills") == 0) kill(getpid(), SIGTERM);
  if (strcmp(what, "faults") == 0) *(volatile int *)0 = 1;
  if (strcmp(what, "resets") == 0) syscall(SYS_rt_sigaction, SIGTERM, by_default, NULL, 8), raise(SIGTERM);
  if (strncmp(what, "exits", 5) == 0) exit(3);
  if (strcmp(what, "handles") == 0) signal(SIGTERM, SIG_IGN);
  ++done;
  pause();
  return NULL;
}

static void handler(void) {}

int main(int argc, char **argv) {
  pthread_t threads[8];
  atexit(handler);
  prctl(PR_SET_NAME, "main");
  pthread_barrier_init(&all_named, NULL, (unsigned)argc);
  for (int i = 1; i < argc; ++i) pthread_create(&threads[i], NULL, run, argv[i]);
  pthread_barrier_wait(&all_named);
  (void)!write(1, "ready\n", 6);
  while (done < argc - 1) sched_yield();
  return 0;
}
