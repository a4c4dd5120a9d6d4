// Dereferences null, sixteen calls deep.
#include <stddef.h>

__attribute__((noinline)) static int call(int depth, volatile int *pointer) {
  return depth == 0 ? *pointer : call(depth - 1, pointer) + 1;
}

int main(void) { return call(16, NULL); }
