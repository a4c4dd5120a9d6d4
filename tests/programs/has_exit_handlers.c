// Exit handlers of all kinds tell that they run; ends by argv[1], with status 3. called() is for call:SYMBOL.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void earliest(void) { write(1, "earliest\n", 9); }
static void first(void) { write(1, "first\n", 6); }
static void tells(int status, void *text) { dprintf(1, "%s %d\n", (char *)text, status); }
static void last(void) { write(1, "last\n", 5); }
void called(void) { write(1, "called\n", 7); }
static void leave(int number) { _exit(number == SIGUSR1 ? 3 : 1); }
__attribute__((constructor)) static void construct(void) { atexit(earliest); }

int main(int argc, char **argv) {
  const char *how = argc > 1 ? argv[1] : "";
  if (atexit(first) || on_exit(tells, "status") || atexit(last) || signal(SIGUSR1, leave)) return 1;
  if (!strcmp(how, "_exit")) _exit(3);
  if (!strcmp(how, "quick_exit")) quick_exit(3);
  if (!strcmp(how, "handler")) raise(SIGUSR1);
  if (!strcmp(how, "exec")) execl("/bin/false", "false", NULL);
  while (!strcmp(how, "sigterm")) kill(getpid(), SIGTERM), pause();
  return 3;
}
