// Handlers of all kinds but at_quick_exit, registered before main, in main and in between; each prints its
// name. Ends by argv[1], a word that end_by knows.
#include "ends/causes.c"

static void global_handler() { dprintf(1, "global_handler()\n"); }
static const int registered_first = atexit(global_handler);

namespace store {
template <class T>
struct Cache {
  ~Cache() { dprintf(1, "store::Cache<int>::~Cache()\n"); }
};
static void flush() { dprintf(1, "store::flush()\n"); }
static void leave(int, void *) { dprintf(1, "store::leave(int, void*)\n"); }
static const Cache<int> cache;
}  // namespace store

extern "C" void cleanup_prints() { dprintf(1, "cleanup_prints\n"); }
extern "C" void plain() { dprintf(1, "plain\n"); }

int main(int argc, char **argv) {
  if (atexit(store::flush) || on_exit(store::leave, nullptr) || atexit(plain)) return registered_first;
  end_by(argv[argc - 1]);
  return 10;
}
