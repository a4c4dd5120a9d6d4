# A sanitizer with a static runtime (clang's): its own reports, its exit codes, leaks, its stack overflow, a signal that it leaves.
# needs: clang-14 libclang-rt-14-dev libc6-dev
# sees: t
cat >t.c <<'END'
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static void bye(void) { puts("bye"); fflush(stdout); }
__attribute__((noinline)) static int deep(volatile int n) { volatile char a[512]; a[n % 512] = 1; return deep(n + 1) + a[7]; }
int main(int argc, char **argv) {
  atexit(bye);
  volatile int i = 10;
  switch (argv[1][0]) {
    case 'h': { char *p = malloc(10); p[i] = 1; free(p); break; }
    case 'f': { char *p = malloc(10); free(p); return ((volatile char *)p)[5] & 1; }
    case 's': { char a[10]; memset(a, 0, 10); return ((volatile char *)a)[i]; }
    case 'n': *(volatile int *)8 = 1; break;
    case 'o': return deep(0);
    case 'l': { volatile void *p = malloc(77); p = 0; break; }
    case 'd': { char *p = malloc(1); free(p); free(p); break; }
    case 'a': abort();
    case 't': raise(SIGTERM);
    case '_': _exit(4);
    case 'u': { volatile int n = 2147483647; n += i; break; }
    case 'e': exit(3);
  }
  return 5;
}
END
clang-14 -g -O0 -w -fsanitize=address,undefined -o t t.c || exit
for way in heap freed stack null overflow leak double abort term _exit undefined exit; do
  echo "-- $way"
  how ./t $way 2>&1 | grep -e '^SUMMARY' -e 'runtime error' -e '^bye' -e '^t:' | sed 's/ (.*) in/ in/; s/0x[0-9a-f]*/ADDRESS/g'
  ASAN_OPTIONS=abort_on_error=1:handle_abort=1:detect_leaks=0 how ./t $way 2>/dev/null
done
