// Has read more than it used when it leaves by _exit(3).
#include <stdio.h>
#include <unistd.h>

int main(void) {
  getchar();
  _exit(3);
}
