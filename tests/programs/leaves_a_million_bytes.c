// Has a million bytes of output pending when it leaves by _exit(3).
#include <stdio.h>
#include <unistd.h>

int main(void) {
  static char buffer[1 << 20];
  setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
  for (int i = 0; i < 125000; ++i) printf("%07d\n", i);
  _exit(3);
}
