// Says "ready", with output pending and an exit handler, and waits in the call that argv[1] names.
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void handler(void) { puts("handler"); }

int main(int argc, char **argv) {
  const char *how = argc > 1 ? argv[1] : "";
  char line[64];
  sigset_t none;
  if (atexit(handler) || puts("pending") < 0 || sigemptyset(&none) || write(1, "ready\n", 6) != 6) return 1;
  if (!strcmp(how, "read")) read(0, line, sizeof line);
  if (!strcmp(how, "fgets")) fgets(line, sizeof line, stdin);
  if (!strcmp(how, "pause")) pause();
  if (!strcmp(how, "sleep")) sleep(1000);
  if (!strcmp(how, "sigsuspend")) sigsuspend(&none);
  if (!strcmp(how, "poll")) poll(0, 0, -1);
  while (!strcmp(how, "loop")) continue;
  write(1, "went on\n", 8);
  _exit(42);
}
