// Named cleanups, and what the registry tells of them.
#include <axshim/axshim.hpp>

static void say(const char *text) { dprintf(1, "%s\n", text); }
static void show(const axshim::registry &named) {
  for (const auto &entry : named.report())
    dprintf(1, "[%s] ran %d, error [%s]\n", entry.name.c_str(), entry.ran, entry.error.c_str());
}

int main() {
  axshim::registry named;
  const auto before = std::chrono::system_clock::now();
  named.add("a", say, "replaced"), named.add("b", say, "b"), named.add("a", say, "a");
  const bool removed = (named.add("c", say, "c"), named.remove("c"));
  dprintf(1, "%zu, %d, %d\n", axshim::count(), removed, named.remove("c"));
  named.add("bad", [] { throw std::runtime_error("no luck"); }), named.add("worse", [] { throw 42; });
  show(named);
  try {
    axshim::run();
  } catch (...) {
  }
  show(named);
  dprintf(1, "%d %d\n", named.remove("a"), named.report()[0].registered_at >= before);
  axshim::registry().add("outlives its registry", say, "outlives its registry");
}
