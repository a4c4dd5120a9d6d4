// A fork child ends in its parent's scope by argv[1], a word that end_by knows, or leaves it.
#include <sys/wait.h>

#include <axshim/axshim.hpp>

#include "ends/causes.c"

static bool is_child = false;
static void say(const char *text) { dprintf(1, "%s %s\n", is_child ? "child" : "parent", text); }

int main(int, char **argv) {
  axshim::at_exit(say, "at_exit");
  {
    axshim::resource_guard resource(
        "resource", [] { return true; }, [] { say("resource_guard"); });
    axshim::temp_manager files;
    files.mkdtemp("of_parent"), resource.acquire();
    const auto guard = axshim::defer(say, "guard");
    is_child = fork() == 0;
    if (is_child) end_by(argv[1]);
    wait(nullptr);
    if (!is_child) system("ls $TMPDIR | sed 's/......$//'");
  }
  if (is_child) say(axshim::unregister(say) == 0 ? "has nothing to unregister" : "unregisters"), _exit(0);
}
