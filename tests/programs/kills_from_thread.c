// A thread that is not main sends its process argv[1] (a number), and goes on by argv[2] where that returns.
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static void *work(void *argument) {
  char **argv = argument;
  kill(getpid(), atoi(argv[1]));
  if (*argv[2] == '_') _exit(1);
  if (argv[2][2] == 'i') exit(1);
  if (argv[2][2] == 'e') execl("/bin/true", "true", (char *)0);
  return (void *)write(1, "went on\n", 8);
}

int main(int argc, char **argv) {
  pthread_t thread;
  if (argc < 3 || pthread_create(&thread, 0, work, argv)) return 2;
  return pthread_join(thread, 0);
}
