// A library with cleanups of axshim.hpp: of a function of its own, and of one that its program may have too.
#include <unistd.h>

#include <axshim/axshim.hpp>

static void say(const char *text) { dprintf(1, "%s\n", text); }

static const auto at_unload = axshim::at_exit(say, "of the library");
static axshim::registry named;
static const bool added = (named.add("name", say, "of its registry"), true);
static axshim::temp_manager files;
static const auto path = files.mkdtemp("of_library");
static const auto forgotten = axshim::at_exit(_exit, 99);
static const int count = axshim::unregister(_exit);
