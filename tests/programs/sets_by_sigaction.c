// Sets each signal (and 0 and 65) with all flags by sigaction; prints what a query, then the call, gives
// back.
#include <errno.h>
#include <signal.h>
#include <stdio.h>

static void own(int number) { (void)number; }

static void print(int number, const struct sigaction *action) {
  struct sigaction old = {.sa_flags = 0x77, .sa_handler = (void (*)(int))0x77};
  const int result = sigaction(number, action, &old), why = result == 0 ? 0 : errno;
  const long handler = old.sa_handler == own ? 2 : (long)old.sa_handler, mask = *(long *)&old.sa_mask;
  printf("%d: %d %d, handler %ld, flags %x, mask %lx\n", number, result, why, handler, old.sa_flags, mask);
}

int main(void) {
  for (int i = 0; i < 66 * 3 * 128; ++i) {
    void (*const handlers[])(int) = {SIG_DFL, SIG_IGN, own};
    const int number = i % 66, flags = i / 66 / 3;
    struct sigaction action = {.sa_flags = (flags & 7) | (flags & 0x78) << 25,
                               .sa_handler = handlers[i / 66 % 3]};
    sigaddset(&action.sa_mask, 1 + flags % 64);
    print(number, 0), print(number, &action);
  }
}
