// A thread (argc > 2: main, then it) leaves by argv[1] (pthread_exit, cancel), through an object's scope.
#include <pthread.h>
#include <string.h>
#include <unistd.h>
static bool cancels;
static pthread_t main_thread;
struct Guard {
  ~Guard() { write(1, "left\n", 5); }
};

static void *leave(void *of_main) {
  const Guard guard;
  if (of_main) pthread_join(main_thread, nullptr);
  if (cancels) pthread_cancel(pthread_self());
  pthread_testcancel();
  pthread_exit(nullptr);
}

int main(int argc, char **argv) {
  pthread_t thread;
  main_thread = pthread_self();
  cancels = argc > 1 && !strcmp(argv[1], "cancel");
  pthread_create(&thread, nullptr, leave, argc > 2 ? argv : nullptr);
  return argc > 2 ? leave(nullptr) != nullptr : pthread_join(thread, nullptr);
}
