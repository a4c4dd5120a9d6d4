// Ends by argv[1], a word that end_by knows, where no more memory may be mapped.
#include <sys/resource.h>

#include "ends/causes.c"

int main(int argc, char **argv) {
  const struct rlimit none = {0, 0};
  if (argc < 2 || setrlimit(RLIMIT_AS, &none)) return 1;
  end_by(argv[1]);
}
