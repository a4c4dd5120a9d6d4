// Its SIGINT handler calls _exit(0); ends by SIGTERM where there is an argument, else by _exit(3).
#include <signal.h>
#include <unistd.h>

static void on_int(int number) {
  (void)number;
  write(1, "interrupted\n", 12);
  _exit(0);
}

int main(int argc, char **argv) {
  (void)argv;
  signal(SIGINT, on_int);
  if (argc > 1) raise(SIGTERM);
  _exit(3);
}
