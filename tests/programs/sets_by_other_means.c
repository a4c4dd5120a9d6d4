// Sets each signal (and 0 and 65) by the function that argv[1] names; prints what it and then sigaction
// return.
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static void own(int number) { (void)number; }
static long kind(void (*handler)(int)) { return handler == own ? 3 : (long)handler; }

int main(int argc, char **argv) {
  void *const function = dlsym(RTLD_DEFAULT, argc > 1 ? argv[1] : "");
  for (int i = 0; i < 66 * 5; ++i) {
    void (*const handlers[])(int) = {SIG_DFL, SIG_IGN, SIG_HOLD, own, SIG_DFL};
    struct sigaction now = {.sa_flags = 0};
    const int number = i / 5;
    errno = 0;
    const long result = strncmp(argv[1], "sigi", 4) == 0
                            ? ((int (*)(int, int))function)(number, i % 2)  // siginterrupt, sigignore
                            : kind(((sighandler_t(*)(int, sighandler_t))function)(number, handlers[i % 5]));
    printf("%d: %ld, errno %d, then %d", number, result, errno, sigaction(number, 0, &now));
    printf(" %ld, flags %x, mask %lx\n", kind(now.sa_handler), now.sa_flags, *(unsigned long *)&now.sa_mask);
  }
}
