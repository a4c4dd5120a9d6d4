// Asks axshim.hpp, and prints the answers.
#include <unistd.h>

#include <axshim/axshim.hpp>

static void say(const char *text) { dprintf(1, "%s\n", text); }
static void fail(const char *why) { throw std::runtime_error(why); }
#define ASK(call) dprintf(1, "%s: %d\n", #call, static_cast<int>(call))

int main() {
  axshim::at_exit(say, "1"), axshim::at_exit(fail, "bad"), axshim::at_exit(say, "2");
  ASK(axshim::count()), ASK(axshim::unregister(say)), ASK(axshim::unregister(say)), ASK(axshim::count());
  axshim::at_exit([] { throw 42; }), axshim::at_exit(say, "newest");
  try {
    axshim::run();
  } catch (const std::exception &error) {
    dprintf(1, "run() threw %s\n", error.what());
  }
  ASK(axshim::count()), ASK(axshim::run()), ASK((axshim::at_exit(axshim_fail, "no luck"), axshim::run()));
  axshim::at_exit(say, "cleared"), axshim::clear(), ASK(axshim::count());
  auto guard = axshim::defer(say, "guard");
  axshim::at_exit(say, "run"), axshim::run(), ASK(axshim::count());
  const auto cleared = axshim::defer(say, "a guard that was cleared works when its scope ends");
  axshim::clear(), guard.release(), ASK(axshim::count());
}
