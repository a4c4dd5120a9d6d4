// A thread ends by a raw exit, in the empty root argv[1] if there is one; main joins it and returns 4.
#include <pthread.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static void *work(void *unused) { return syscall(SYS_exit, 0) ? unused : 0; }

int main(int argc, char **argv) {
  pthread_t thread;
  if (argc > 1 && chroot(argv[1]) != 0) return 77;
  pthread_create(&thread, 0, work, 0);
  pthread_join(thread, 0);
  puts("main goes on");
  return 4;
}
