// Its SIGTERM handler restores SIG_DFL in the way that argv[1] names and raises the signal again; else it
// returns 5.
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *how;

static void on_term(int number) {
  write(1, "handled\n", 8);
  const struct sigaction by_default = {.sa_flags = 0};
  if (!strcmp(how, "signal")) signal(number, SIG_DFL);
  if (!strcmp(how, "sigaction")) sigaction(number, &by_default, 0);
  if (strcmp(how, "not")) raise(number);
}

int main(int argc, char **argv) {
  how = argc > 1 ? argv[1] : "not";
  struct sigaction action = {.sa_flags = strcmp(how, "resethand") ? 0 : (int)SA_RESETHAND};
  action.sa_handler = on_term;
  sigaction(SIGTERM, &action, 0);
  raise(SIGTERM);
  return 5;
}
