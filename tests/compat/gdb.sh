# gdb: a program that crashes under it, that is killed, that gets signals; a core file's backtrace and siginfo; attaching.
# sees: gdb crash
cat >crash.c <<'END'
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
int *volatile null;
static void inner(int n) {
  if (n == 1) *null = 7;
  if (n == 2) abort();
  if (n == 3) kill(getpid(), SIGTERM);
  if (n == 4) raise(SIGUSR1);
}
static void outer(int n) { inner(n); puts("went well"); }
int main(int argc, char **argv) { signal(SIGUSR1, exit); outer(atoi(argv[1])); return 3; }
END
cc -g -O0 -o crash crash.c || exit
plain() {
  sed -E 's/0x[0-9a-f]+/ADDRESS/g; s/process [0-9]+/process PID/; s/LWP [0-9]+/LWP PID/; s/^#[0-9]+ +/# /; /reg-xstate|^$|Using host/d'
}
batch() {
  how env DEBUGINFOD_URLS= gdb -nx -batch -iex 'set auto-load no' -ex 'set confirm off' -ex 'set startup-with-shell off' \
    "$@" 2>&1 | plain
}
cat >facts <<'END'
bt -3
print $_siginfo.si_signo
print $_siginfo.si_code
END
batch -ex 'run 1' -x facts -ex 'run 2' -x facts -ex 'run 3' -x facts -ex 'run 4' -x facts -ex 'run 5' -ex 'print $_exitcode' crash
batch -ex 'break inner' -ex 'run 9' -ex bt -ex 'print n' -ex 'return' -ex 'finish' -ex 'print outer(8)' -ex 'kill' \
  -ex 'delete' -ex 'info signals SIGUSR1' -ex 'handle SIGTERM nostop noprint nopass' -ex 'run 3' \
  -ex 'catch signal SIGSEGV' -ex 'run 1' -ex 'signal 0' -ex 'kill' crash
ulimit -c unlimited
for n in 1 2; do
  rm -f core*; how ./crash $n; core=$(ls core* 2>/dev/null)
  [ -z "$core" ] || batch -x facts -ex 'print $_siginfo._sifields._sigfault.si_addr == 0' \
    -ex 'frame function inner' -ex 'print n' -ex 'x/i $pc' -ex 'info threads' crash "$core"
done
