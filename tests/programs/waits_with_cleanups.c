// Has cleanups of all kinds; says "ready" and waits to be killed. With "forks" a child declares more, and
// ends.
#include <axshim/axshim.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void flush_cache(void) {}
static void save(void *counter) { (void)counter; }

int main(int argc, char **argv) {
  atexit(flush_cache);
  axshim_register("save counter", save, NULL, 0);
  axshim_declare("lock=unlink:lock");
  axshim_declare("line=write:done=%e");
  axshim_unregister(axshim_register("forgotten", save, NULL, 0));
  if (argc > 1 && *argv[1] == 'f' && fork() == 0) {
    axshim_declare("write:done=child");
    exit(0);
  }
  wait(NULL);
  puts("ready"), fflush(stdout);
  for (;;) pause();
}
