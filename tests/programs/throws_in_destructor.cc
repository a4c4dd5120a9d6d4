// The destructor of a static object throws: std::terminate ends the process, between two exit handlers.
#include <stdlib.h>
#include <unistd.h>

static void runs_first() { write(1, "first\n", 6); }
static void runs_last() { write(1, "last\n", 5); }

struct Thrower {
  ~Thrower() noexcept(false) { throw 1; }
};

int main() {
  atexit(runs_last);
  static const Thrower thrower;
  atexit(runs_first);
  return 3;
}
