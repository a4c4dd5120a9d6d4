// Ends as argv[1] says, by functions of its own around libc's other names for them.
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NEXT(name, type) ((__typeof__(type) *)dlsym(RTLD_NEXT, name))

void _exit(int status) {
  (void)!write(1, "_exit\n", 6);
  NEXT("_Exit", void(int))(status);
  __builtin_trap();
}

void abort(void) {
  (void)!write(1, "abort\n", 6);
  NEXT("abort", void(void))();
  __builtin_trap();
}

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "abort") == 0) abort();
  _exit(3);
}
