// By argv[1] enters a new user namespace or the mount namespace of its own, which the kernel refuses to a
// process with threads; sets its user; prints what these calls return, says "ready" and waits for a signal.
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void handler(void) { puts("handler"); }

int main(int argc, char **argv) {
  const char *how = argc > 1 ? argv[1] : "";
  atexit(handler);
  if (!strcmp(how, "unshare")) dprintf(1, "unshare: %d\n", unshare(CLONE_NEWUSER));
  if (!strcmp(how, "setns"))
    dprintf(1, "setns: %d\n", setns(open("/proc/self/ns/mnt", O_RDONLY), CLONE_NEWNS));
  dprintf(1, "setuid: %d\nready\n", setuid(getuid()));
  for (;;) pause();
}
