// Ends by argv[2], a word that end_by knows, with what argv[1] says: a thread ("worker"), a child ("child"),
// a zombie, or nothing. The child keeps nobody waiting: it is killed as soon as its parent is gone.
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "ends/causes.c"
static int named[2];

static void *wait_as(void *name) {
  prctl(PR_SET_NAME, name);
  return write(named[1], "", 1) ? pause(), name : name;
}

int main(int argc, char **argv) {
  const char *who = argc < 3 || pipe(named) ? "" : argv[1];
  pthread_t thread;
  siginfo_t info;
  char byte;
  if (!strcmp(who, "threads")) pthread_create(&thread, 0, wait_as, "worker");
  if (!strcmp(who, "children") && fork() == 0) prctl(PR_SET_PDEATHSIG, SIGKILL), wait_as("child");
  if (!strcmp(who, "zombies") && (fork() || (_exit(0), 0))) waitid(P_ALL, 0, &info, WEXITED | WNOWAIT);
  if (!strcmp(who, "threads") || !strcmp(who, "children")) read(named[0], &byte, 1);
  return end_by(argv[argc - 1]), 10;
}
