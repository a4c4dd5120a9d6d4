// Has functions of its own by names that libc has too. Ends by the signal argv[1], or by _exit.
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define OWN(name)                   \
  void own_##name(void) asm(#name); \
  void own_##name(void) { (void)!write(1, "its own " #name "\n", sizeof #name + 8); }
OWN(clone)
OWN(getauxval)
OWN(siglongjmp)
OWN(strstr)
OWN(strcspn)
OWN(snprintf)
OWN(vsnprintf)
OWN(sprintf)
OWN(strerrordesc_np)
OWN(fork)

int main(int argc, char **argv) {
  if (argc > 1 && atoi(argv[1]) > 0) raise(atoi(argv[1]));
  _exit(3);
}
