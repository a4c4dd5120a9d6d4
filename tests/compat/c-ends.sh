# C programs' ends: exit handlers, quick_exit, abort, assert, faults, alarms, raise in handlers, threads, and the core flag.
# sees: ends
cat >ends.c <<'END'
#define _GNU_SOURCE
#include <assert.h>
#include <err.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
static void first(void) { puts("registered first"); }
static void last(void) { puts("registered last"); }
static void quick(void) { write(1, "quick\n", 6); }
static void at(int status, void *what) { printf("%s %d\n", (char *)what, status); }
static void exits(int s) { printf("signal %d\n", s); exit(5); }
static void again(int s) { signal(s, SIG_DFL); raise(s); }
static sigjmp_buf back;
static void jumps(int s) { siglongjmp(back, s); }
static void on_stack(int s) {
  stack_t now;
  sigaltstack(NULL, &now);
  dprintf(1, "%s\n", now.ss_flags & SS_ONSTACK ? "on it" : "not on it");
  signal(s, SIG_DFL);
}
static void *in_thread(void *how) {
  if (!strcmp(how, "exit")) exit(7);
  if (!strcmp(how, "raise")) raise(SIGUSR1);
  puts("thread ends");
  return NULL;
}
static void thread(char *how) {
  pthread_t t;
  pthread_create(&t, NULL, in_thread, how);
  if (!strcmp(how, "pthread_exit")) pthread_exit(NULL);
  pthread_join(t, NULL);
}
static volatile int zero; static int *volatile null;
static int overflow(int n) { volatile char room[999]; room[n % 999] = 1; return overflow(n + 1) + room[n % 999]; }
static void *volatile p;
int main(int argc, char **argv) {
  const char *how = argv[argc - 1];
  atexit(first); at_quick_exit(quick); on_exit(at, "on_exit"); atexit(last);
#define CASE(name, ...) if (!strcmp(how, name)) { __VA_ARGS__; }
  CASE("return", return 3)
  CASE("exit", exit(300))
  CASE("_exit", _exit(4))
  CASE("quick_exit", quick_exit(6))
  CASE("abort", abort())
  CASE("assert", assert(!"so"))
  CASE("err", errx(8, "a message"))
  CASE("null", *null = 1)
  CASE("divide", return argc / zero)
  CASE("trap", __builtin_trap())
  CASE("overflow", return overflow(0))
  CASE("alarm", ualarm(9999, 0); pause())
  CASE("free", p = &zero; free(p))
  CASE("twice", p = malloc(9); free(p); free(p))
  CASE("smash", char b[9]; memset(b, 1, argc * 20); return b[argc])
  CASE("bus", null = mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, fileno(tmpfile()), 0); *null = 1)
  CASE("handler", signal(SIGTERM, exits); raise(SIGTERM))
  CASE("again", signal(SIGSEGV, again); *null = 1)
  CASE("ignored", signal(SIGSEGV, SIG_IGN); *null = 1)
  CASE("blocked", sigset_t s; sigfillset(&s); sigprocmask(SIG_BLOCK, &s, NULL); *null = 1)
  CASE("jump", signal(SIGSEGV, jumps); if (!sigsetjmp(back, 1)) *null = 1; raise(SIGHUP))
  CASE("altstack", static char room[99999]; stack_t stack = {room, 0, sizeof room}; sigaltstack(&stack, NULL);
       struct sigaction a = {.sa_handler = on_stack, .sa_flags = SA_ONSTACK}; sigaction(SIGSEGV, &a, NULL); return overflow(0))
  CASE("timer", struct itimerval v = {{0, 0}, {0, 9999}}; setitimer(ITIMER_PROF, &v, NULL); for (;;))
  CASE("queue", sigqueue(getpid(), SIGRTMIN + 3, (union sigval){.sival_int = 9}))
  CASE("thread-exit", thread("exit"))
  CASE("thread-raise", thread("raise"))
  CASE("pthread_exit", thread("pthread_exit"))
  CASE("group", setpgid(0, 0); kill(0, SIGINT))
  CASE("fork", if (fork() == 0) return 9; int s; wait(&s); exit(WEXITSTATUS(s)))
  CASE("closed", fclose(stdout); return 1)
  CASE("exec", execl("/bin/false", "false", NULL))
  return 99;
}
END
cc -w -fstack-protector-all -O0 -pthread -o ends ends.c && ulimit -s 1024
(ulimit -c 0; for end in $(sed -n 's/^  CASE("\([^"]*\)".*/\1/p' ends.c); do echo "$end"; how ./ends "$end" 2>&1; done)
mkdir cores && cd cores && ulimit -c unlimited && for end in abort null trap alarm; do how ../ends $end; done
