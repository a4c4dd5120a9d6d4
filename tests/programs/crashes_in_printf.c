// Dereferences a pointer that leads nowhere in the middle of a printf.
#include <stdio.h>

int main(void) {
  char *volatile nowhere = (char *)1;
  printf("before ");
  printf("and in it %s\n", nowhere);
}
