#include <assert.h>

int main(int argc, char **argv) {
  (void)argv;
  assert(argc == 12345);
  return 0;
}
