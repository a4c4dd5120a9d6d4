// A master with a worker, which writes both pids to the file "worker". "daemon": after a parent that ends badly.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void finish(int signal) { (void)signal, exit(0); }

int main(int argc, char **argv) {
  (void)argv;
  if (argc > 1 && fork() != 0) {
    printf("lost");
    for (; access("worker", F_OK) != 0; usleep(1000)) continue;
    _exit(1);
  }
  if (argc > 1) setsid(), freopen("/dev/null", "w", stdout), freopen("/dev/null", "w", stderr);
  signal(SIGTERM, finish);
  if (fork() != 0) return pause();
  signal(SIGTERM, SIG_DFL), alarm(60);
  FILE *file = fopen("new", "w");
  if (file == NULL || fprintf(file, "%d %d\n", (int)getpid(), (int)getppid()) < 0) return 1;
  fclose(file), rename("new", "worker"), write(1, "ready\n", 6);
  return pause();
}
