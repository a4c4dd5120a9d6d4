// Has cleanups, and loads the library argv[1], which has too; unloads it where argv[2] is close.
#include <dlfcn.h>

#include <axshim/axshim.hpp>

static void say(const char *text) { dprintf(1, "%s\n", text); }
static void forgotten() { say("forgotten"); }

int main(int, char **argv) {
  axshim::registry named;
  axshim::at_exit(forgotten), named.add("oldest", say, "of the program's registry");
  const auto guard = axshim::defer(say, "guard of the program");
  void *const library = dlopen(argv[1], RTLD_NOW);
  if (library == nullptr) return dprintf(2, "%s\n", dlerror()), 2;
  if (*argv[2] == 'c') dlclose(library);
  dprintf(1, "forgets %d\n", axshim::unregister(forgotten));
  if (*argv[2] == 'c' && dlopen(argv[1], RTLD_NOW | RTLD_NOLOAD) != nullptr) return 3;
}
