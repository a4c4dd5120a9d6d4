// Handlers print all that libc hands on to them: by __cxa_atexit the argument and the status too. argv[1]
// `finalize`: all of them run before the end, by __cxa_finalize(NULL); and then others come.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int __cxa_atexit(void (*)(void *), void *, void *);
int __cxa_at_quick_exit(void (*)(void *), void *);
void __cxa_finalize(void *);

static void show(void *argument, int status) {
  dprintf(1, "%s %d\n", argument ? (char *)argument : "none", status);
}
static void show_on_exit(int status, void *argument) {
  dprintf(1, "on_exit %s %d\n", (char *)argument, status);
}

int main(int argc, char **argv) {
  void (*handler)(void *) = (void (*)(void *))(void *)show;
  on_exit(show_on_exit, "first");
  __cxa_atexit(handler, "argument", 0);
  __cxa_at_quick_exit(handler, 0);
  on_exit(show_on_exit, "second");
  if (argc > 2 && !strcmp(argv[2], "finalize")) __cxa_finalize(0), __cxa_at_quick_exit(handler, 0);
  __cxa_atexit(handler, 0, 0);
  argc > 1 && !strcmp(argv[1], "quick") ? quick_exit(42) : exit(43);
}
