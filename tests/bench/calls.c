// Makes one of the calls that the preload stands in the way of, again and again: calls fork|thread|sigaction
// COUNT
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void *nothing(void *argument) { return argument; }
static void handler(int signal) { (void)signal; }

static void fork_once(void) {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  waitpid(child, NULL, 0);
}

static void start_thread(void) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, nothing, NULL) == 0) pthread_join(thread, NULL);
}

static void set_disposition(void) {
  static int set;
  const struct sigaction action = {.sa_handler = set++ % 2 == 0 ? handler : SIG_DFL};
  struct sigaction old;
  sigaction(SIGUSR1, &action, &old);
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  void (*const call)(void) = strcmp(argv[1], "fork") == 0     ? fork_once
                             : strcmp(argv[1], "thread") == 0 ? start_thread
                                                              : set_disposition;
  for (long i = atol(argv[2]); i > 0; --i) call();
  return 0;
}
