// A library with cleanups of axshim.hpp, and a scope with a guard of a type that its program has too.
#include <axshim/axshim.hpp>

static void say(const char *text) { dprintf(1, "%s\n", text); }

static const int scope = [] {
  const auto guard = axshim::defer(say, "guard of the library");
  return 0;
}();
static const auto at_unload = axshim::at_exit(say, "of the library");
static axshim::registry named;
static const bool added = (named.add("name", say, "of its registry"), true);
static axshim::temp_manager files;
static const auto path = files.mkdtemp("of_library");
static const auto forgotten = axshim::at_exit(_exit, 99);
static const int count = axshim::unregister(_exit);
