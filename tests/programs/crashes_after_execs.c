// Execs argv[1], which is no program, twice in vain, and then dereferences a null pointer.
#include <unistd.h>

int main(int argc, char **argv) {
  for (int i = 0; i < 2 && argc > 1; ++i) execv(argv[1], argv + 1);
  return *(volatile int *)0;
}
