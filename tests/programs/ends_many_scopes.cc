// Guards and exit_stacks by the hundred thousand, nested and not in the order of their scopes: do they cost
// memory once they are gone?
#include <sys/resource.h>

#include <axshim/axshim.hpp>

static long done = 0;

static void nest(int depth) {
  const auto guard = axshim::defer([] { ++done; });
  axshim::exit_stack first, second;
  first.callback([] { ++done; });
  second = std::move(first);
  first.callback([] { ++done; });
  if (depth > 0) nest(depth - 1);
}

int main() {
  rusage before, after;
  nest(10), getrusage(RUSAGE_SELF, &before);
  for (int i = 0; i < 10000; ++i) nest(10);
  getrusage(RUSAGE_SELF, &after);
  dprintf(1, "%ld, %zu left, %s\n", done, axshim::count(),
          after.ru_maxrss - before.ru_maxrss < 512 ? "flat" : "grew");
}
