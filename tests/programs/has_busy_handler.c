// Its exit handler starts what argv[1] says (thread, fork, thread+fork), waits for it, and prints.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *how;

static void *work(void *unused) { return puts("worked"), unused; }

static void starts_work(void) {
  pthread_t thread;
  if (!strncmp(how, "thread", 6) && !pthread_create(&thread, 0, work, 0)) pthread_join(thread, 0);
  if (strstr(how, "fork") && fork() == 0) _exit(5);
  puts(wait(0) > 0 ? "child ended" : "no child");
}

int main(int argc, char **argv) {
  how = argv[argc - 1];
  return atexit(starts_work);
}
