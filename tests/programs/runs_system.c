// Runs argv[1] by system() and prints how it ended, and what it left of SIGINT and SIGQUIT.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  printf("system: wait status %#x\n", argc > 1 ? system(argv[1]) : -1);
  printf("%s, %s\n", signal(SIGINT, SIG_IGN) == SIG_DFL ? "default" : "?",
         signal(SIGQUIT, SIG_IGN) == SIG_DFL ? "default" : "?");
  return 0;
}
