// Four threads register and unregister at once through axshim.h; prints how many are left, and how many ran.
#include <axshim/axshim.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

static atomic_int ran;
static void count(void *unused) { (void)unused, ++ran; }
static void *register_many(void *unused) {
  axshim_id last = 0;
  for (int i = 0; i < 20000; ++i) {
    const axshim_id id = axshim_register(i % 3 ? NULL : "named", count, NULL, 0);
    if (i % 2 == 1 && axshim_unregister(id) == 0 && i % 200 != 1) axshim_unregister(last);
    last = id;
  }
  return unused;
}

int main(void) {
  pthread_t threads[4];
  for (int i = 0; i < 4; ++i) pthread_create(threads + i, NULL, register_many, NULL);
  for (int i = 0; i < 4; ++i) pthread_join(threads[i], NULL);
  printf("%d left, ", (int)axshim_count());
  const int failed = axshim_run();
  printf("%d ran, %d failed\n", ran, failed);
}
