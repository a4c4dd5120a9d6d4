// One thread is cancelled inside a guard's function, another in a cleanup that run() calls: they unwind.
#include <axshim/axshim.hpp>

struct Object {
  ~Object() { dprintf(1, "unwound\n"); }
};
static void be_cancelled() {
  const Object object;
  pthread_cancel(pthread_self()), pthread_testcancel();
}
static void *in_a_guard(void *) {
  const auto guard = axshim::defer(be_cancelled);
  return nullptr;
}
static void *in_run(void *) { return axshim::at_exit(be_cancelled), axshim::run(), nullptr; }

int main() {
  for (void *(*const start)(void *) : {in_a_guard, in_run}) {
    pthread_t thread;
    void *result = nullptr;
    if (pthread_create(&thread, nullptr, start, nullptr) == 0) pthread_join(thread, &result);
    dprintf(1, result == PTHREAD_CANCELED ? "cancelled\n" : "not cancelled\n");
  }
}
