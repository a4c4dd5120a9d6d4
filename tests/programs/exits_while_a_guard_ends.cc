// Another thread calls exit and is inside a guard's function when the guard's scope ends: is the guard there
// until that has returned?
#include <sched.h>

#include <axshim/axshim.hpp>

static std::atomic<bool> inside{false}, leaving{false}, gone{false};

static void take_long() {
  inside = true;
  while (!leaving) sched_yield();
  for (int i = 0; i < 100 && !gone; ++i) sched_yield();
  dprintf(1, gone ? "gone meanwhile\n" : "still there\n");
}

int main() {
  {
    const auto guard = axshim::defer(take_long);
    std::thread(exit, 3).detach();
    while (!inside) sched_yield();
    leaving = true;
  }
  gone = true;
  for (;;) pause();
}
