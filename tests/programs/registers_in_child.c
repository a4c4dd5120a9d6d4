// Has an exit handler, and a child by argv[1] (fork, vfork, own: by fork, with an exit handler of its own)
// that calls _exit(4); waits for it and calls _exit(3).
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void handler_of_parent(void) { write(1, "parent\n", 7); }
static void handler_of_child(void) { write(1, "child\n", 6); }

int main(int argc, char **argv) {
  const char *how = argc > 1 ? argv[1] : "";
  atexit(handler_of_parent);
  const pid_t child = strcmp(how, "vfork") ? fork() : vfork();
  if (child == 0) {
    if (!strcmp(how, "own")) atexit(handler_of_child);
    _exit(4);
  }
  waitpid(child, 0, 0);
  _exit(3);
}
