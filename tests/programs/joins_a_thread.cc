// Waits at exit for a thread: one that ends (argv[1]: ends) when the process does, or one that never does.
#include <string.h>
#include <unistd.h>

#include <axshim/axshim.hpp>

static std::atomic<bool> ending{false};
static std::thread worker;

int main(int, char **argv) {
  const bool ends = !strcmp(argv[1], "ends");
  worker = std::thread([ends] {
    while (!ends || !ending) sched_yield();
    dprintf(1, "the thread has ended\n");
  });
  axshim::at_exit([] { dprintf(1, "the process ends\n"); });
  axshim::join_at_exit(worker, ends ? std::chrono::nanoseconds::max() : std::chrono::milliseconds(10));
  axshim::at_exit([] { ending = true; });
}
