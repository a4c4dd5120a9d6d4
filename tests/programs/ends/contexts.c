// ends CONTEXT CAUSE FILE: ends itself, or a child, by CAUSE inside CONTEXT. A parent waits for its child,
// prints how that ended and whether FILE is still there, and returns 0.
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "causes.h"

static const char *cause;

static void *in_thread(void *unused) {
  (void)unused;
  end_by(cause);
  return 0;
}

static void in_handler(int number) {
  (void)number;
  end_by(cause);
}

static int wait_for(pid_t child, const char *file) {
  int status = -1;
  waitpid(child, &status, 0);
  printf("child: wait status %#x, file %s\n", status & ~0x80, access(file, F_OK) == 0 ? "there" : "gone");
  return 0;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  const char *context = argv[1];
  cause = argv[2];
  if (!strcmp(context, "other_thread")) {
    pthread_t thread;
    pthread_create(&thread, 0, in_thread, 0);
    pthread_join(thread, 0);
  } else if (!strcmp(context, "signal_handler")) {
    signal(SIGUSR1, in_handler);
    raise(SIGUSR1);
  } else if (!strcmp(context, "fork_child")) {
    pid_t child = fork();
    if (child > 0) return wait_for(child, argv[3]);
    end_by(cause);
  } else if (!strcmp(context, "vfork_child")) {
    pid_t child = vfork();
    if (child > 0) return wait_for(child, argv[3]);
    end_by(cause);
  } else {
    end_by(cause);
  }
  return 10;
}
