// Runs the program argv[2] in the interpreter of the library argv[1].
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char **argv) {
  void *library = argc > 2 ? dlopen(argv[1], RTLD_NOW | RTLD_GLOBAL) : NULL;
  void (*initialize)(void) = library != NULL ? dlsym(library, "Py_Initialize") : NULL;
  int (*run)(const char *) = library != NULL ? dlsym(library, "PyRun_SimpleString") : NULL;
  if (initialize == NULL || run == NULL) return fprintf(stderr, "no interpreter in %s\n", argv[1]), 1;
  initialize();
  return run(argv[2]);
}
