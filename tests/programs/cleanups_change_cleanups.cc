// Cleanups that register and unregister others. Ends by argv[1], a word that end_by knows, or run: by run()
// and then _exit.
#include <axshim/axshim.hpp>

#include "ends/causes.c"

static void say(const char *text) { dprintf(1, "%s\n", text); }
static void forgotten() { say("forgotten"); }

int main(int, char **argv) {
  axshim::at_exit(say, "oldest"), axshim::at_exit(forgotten), axshim::at_exit(forgotten);
  axshim::at_exit([] {
    say("newest");
    axshim::at_exit([] { dprintf(1, "forgets %d\n", axshim::unregister(forgotten)); });
    axshim::at_exit([] { axshim::at_exit(say, "next"), say("newer"); });
  });
  if (!strcmp(argv[1], "run")) axshim::run(), _exit(0);
  end_by(argv[1]);
}
