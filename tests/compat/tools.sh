# strace and valgrind, which look at the signals and the system calls of a program, tell the same of a tiny one.
# needs: strace valgrind gcc libc6-dev
# sees: strace t
cat >t.c <<'END'
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static void bye(void) { puts("bye"); }
static void handler(int signal) { (void)signal; write(1, "handled\n", 8); }
int main(int argc, char **argv) {
  atexit(bye);
  signal(SIGUSR1, handler);
  raise(SIGUSR1);
  switch (argc > 1 ? argv[1][0] : 0) {
    case 'e': exit(3);
    case '_': _exit(4);
    case 'a': abort();
    case 's': *(volatile int *)8 = 1;
    case 't': raise(SIGTERM);
    case 'u': { char *p = malloc(10); free(p); return ((volatile char *)p)[5] ? 1 : 2; }
    case 'l': { volatile char *p = malloc(10); p = 0; return p != 0; }
    case 'x': execlp("echo", "echo", "new image", (char *)0);
  }
  return 5;
}
END
gcc -g -O0 -w -o t t.c
for way in return exit _exit abort segv term xec; do
  echo "-- $way"
  how ./t $way
  how strace -f -o trace -e trace=none ./t $way
  sed 's/^[0-9]* //; s/si_pid=[0-9]*/si_pid=PID/; s/si_uid=[0-9]*/si_uid=UID/' trace | grep -v USR1 | tail -n 1
done
for way in return abort segv term xec; do
  how valgrind -q --error-exitcode=99 --log-file=log ./t $way; grep -o 'terminating with.*\|Invalid write' log
done
for way in use leak; do
  how valgrind -q --leak-check=full --error-exitcode=99 --log-file=log ./t $way
  grep -o 'Invalid read of size 1\|[0-9]* bytes in [0-9]* blocks are definitely lost' log
done
for tool in helgrind drd; do how valgrind -q --tool=$tool --error-exitcode=99 --log-file=log ./t exit; done
