// Registers an exit handler where no code is; ends by exit(3), which crashes, or, with an argument, _exit(3).
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv) {
  (void)argv;
  atexit((void (*)(void))0xdead000);
  if (argc > 1) _exit(3);
  exit(3);
}
