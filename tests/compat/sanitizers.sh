# Programs built with gcc's address, leak and undefined-behaviour sanitizers: what they report, and how they end.
# sees: asan ubsan
cat >bad.cc <<'END'
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <pthread.h>
#include <string>
#include <unistd.h>
int volatile zero, *volatile p; char *volatile text;
int overflow(int n) { volatile char room[99]; room[n % 99] = 1; return overflow(n + 1) + room[n % 99]; }
int main(int, char **argv) {
  const std::string how = argv[1];
  atexit([] { puts("atexit ran"); fflush(stdout); });
  if (how == "use after free") { p = new int[9]; delete[] p; return *p; }
  if (how == "heap overflow") { text = (char *)malloc(9); strcpy(text, "too long for it"); }
  if (how == "leak") { text = (char *)malloc(77); text = nullptr; return 3; }
  if (how == "null") *p = 1;
  if (how == "stack") return overflow(0);
  if (how == "abort") abort();
  if (how == "term") raise(SIGTERM);
  if (how == "handler") { signal(SIGSEGV, [](int) { _exit(4); }); *p = 1; }
  if (how == "shift") return 1 << (zero + 40);
  if (how == "divide") return argv[1][0] / zero;
  if (how == "sum") return 2147483647 + argv[1][0] > 0;
  if (how == "thread") { pthread_t t; pthread_create(&t, 0, [](void *) -> void * { p = new int; delete p; *p = 1; return 0; }, 0); pthread_join(t, 0); }
  puts("main ends");
  return 5;
}
END
export ASAN_OPTIONS=verify_asan_link_order=0 UBSAN_OPTIONS=print_stacktrace=0
g++ -w -g -fsanitize=address -o asan bad.cc
g++ -w -g -fsanitize=undefined -o ubsan bad.cc
g++ -w -fsanitize=undefined -fno-sanitize-recover -o strict bad.cc
plain() {
  sed -nE 's/=+[0-9]+=+//; s/0x[0-9a-f]+/ADDRESS/g; s/ \(pc.*//; s/^ +#[0-9]+/ #/; s/SUMMARY: AddressSanitizer: ABRT.*/SUMMARY: ABRT/; s/ on address .*//
    /(ERROR|SUMMARY|runtime error|main \/|main ends|atexit|status)/p'
}
for end in 'use after free' 'heap overflow' leak null stack abort term handler thread none; do echo "$end"; how ./asan "$end" 2>&1 | plain; done
how env ASAN_OPTIONS=$ASAN_OPTIONS:abort_on_error=1 ./asan 'use after free' 2>&1 | plain
how env ASAN_OPTIONS=$ASAN_OPTIONS:handle_abort=1:handle_segv=0 ./asan null 2>&1 | plain
how env ASAN_OPTIONS=$ASAN_OPTIONS:handle_abort=1 ./asan abort 2>&1 | plain
how env ASAN_OPTIONS=$ASAN_OPTIONS:exitcode=44:allow_user_segv_handler=0 ./asan handler 2>&1 | plain
for end in null shift divide sum none; do echo "$end"; how ./ubsan $end 2>&1 | plain; how ./strict $end 2>&1 | plain; done
