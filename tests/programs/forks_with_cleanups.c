// Registers through axshim.h before and after a fork; the child ends by argv[1], then the parent does.
#include <axshim/axshim.h>
#include <sys/wait.h>

#include "ends/causes.c"

static pid_t child;
static void say(void *what) { dprintf(1, "%s: %s\n", child == 0 ? "child" : "parent", (char *)what); }

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  axshim_register("own", say, "own", 0);
  axshim_register("for all", say, "for all", AXSHIM_CHILDREN);
  axshim_declare("file=write:out=gone");
  if ((child = fork()) == 0) {
    axshim_register("of the child", say, "of the child", 0);
    dprintf(1, "child: %d\n", (int)axshim_count());
  } else {
    waitpid(child, NULL, 0);
    dprintf(1, "parent: %d\n", (int)axshim_count());
  }
  end_by(argv[1]);
  return 0;
}
