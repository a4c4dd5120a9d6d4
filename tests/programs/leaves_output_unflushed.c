// Prints without a flush, then leaves by _exit(0): on a pipe or a file the text is lost.
#include <stdio.h>
#include <unistd.h>

int main(void) {
  printf("not flushed");
  _exit(0);
}
