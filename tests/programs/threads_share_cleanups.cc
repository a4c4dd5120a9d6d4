// Threads register, unregister and run the same cleanups at the same time, and fork: is each counted once?
#include <axshim/axshim.hpp>

static std::atomic<int> ran{0}, forgotten{0};
static void count(int) { ++ran; }

static void work(int thread) {
  for (int i = 0; i < 5000; ++i) {
    axshim::at_exit(count, i);
    const auto guard = axshim::defer(count, i);
    if (thread == 0 && i % 8 == 0) axshim::run();
    if (thread == 1 && i % 8 == 0) forgotten += axshim::unregister(count);
    if (thread == 2 && i % 64 == 0 && fork() == 0) _exit(axshim::unregister(count));
  }
}

int main() {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(work, i);
  for (std::thread &thread : threads) thread.join();
  axshim::run();
  while (wait(nullptr) > 0) continue;  // for ever where a child waits for a lock
  dprintf(1, "%d of %d\n", ran + forgotten, 2 * 4 * 5000);
}
