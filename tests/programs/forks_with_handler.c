// With an exit handler it makes a child by argv[1] (fork, vfork, _Fork), which ends by argv[2], a word that
// end_by knows, where there is an argv[3] with a handler of its own; waits for it, prints how, and returns 0.
#include <sys/wait.h>

#include "ends/causes.c"

static pid_t parent;

static void of_parent(void) { dprintf(1, "of_parent, %s\n", getpid() == parent ? "parent" : "child"); }
static void of_child(void) { dprintf(1, "of_child\n"); }

int main(int argc, char **argv) {
  int status = -1;
  parent = getpid();
  atexit(of_parent);
  const pid_t child = !strcmp(argv[1], "vfork") ? vfork() : !strcmp(argv[1], "_Fork") ? _Fork() : fork();
  if (child == 0) {
    if (argc > 3) atexit(of_child);
    end_by(argv[2]);
    return 10;
  }
  waitpid(child, &status, 0);
  dprintf(1, "child: wait status %#x\n", status & ~0x80);
  return 0;
}
