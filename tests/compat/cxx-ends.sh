# C++ programs' ends: uncaught exceptions, terminate handlers, static destructors and thread_local ones, noexcept, dlclose.
# sees: ends
cat >library.cc <<'END'
#include <cstdio>
struct Unloaded { ~Unloaded() { puts("the library's destructor"); } } unloaded;
END
cat >ends.cc <<'END'
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <exception>
#include <future>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>
struct Says { const char *what; ~Says() { std::cout << "~" << what << std::endl; } };
Says global{"global"};
thread_local Says local{"thread_local"};
Says &in_function() { static Says s{"in a function"}; return s; }
void refuses() noexcept { throw 1; }
struct Throws { ~Throws() noexcept(false) { throw 2; } };
struct Exits { ~Exits() { exit(12); } };
int main(int, char **argv) {
  const std::string how = argv[1];
  Says automatic{"automatic"}; in_function(); local.what = "thread_local of main";
  std::cout << how << '\n';
  if (how == "throw") throw std::runtime_error("nobody catches it");
  if (how == "throw int") throw 42;
  if (how == "noexcept") refuses();
  if (how == "rethrow") throw;
  if (how == "terminate") { std::set_terminate([] { puts("a handler"); exit(4); }); throw 1; }
  if (how == "destructor") try { Throws t; throw 1; } catch (...) {}
  if (how == "thread") { std::thread t([] { local.what = "thread_local of a thread"; throw std::logic_error("in a thread"); }); t.join(); }
  if (how == "joinable") std::thread t([] { pause(); });
  if (how == "future") try { std::async(std::launch::async, [] { local.what = "in async"; throw 3; }).get(); } catch (int n) { return n; }
  if (how == "exit") exit(5);
  if (how == "thread exit") std::thread([] { exit(6); }).join();
  if (how == "quick_exit") { std::at_quick_exit([] { puts("quick"); fflush(stdout); }); std::quick_exit(7); }
  if (how == "_exit") _exit(8);
  if (how == "static exits") { static Exits e; return 9; }
  if (how == "static throws") { static Throws t; return 9; }
  if (how == "bad_alloc") { size_t n = size_t(1) << 60; std::string s(n, 'x'); }
  if (how == "virtual") { struct A { A() { call(); } void call() { f(); } virtual void f() = 0; }; struct B : A { void f() override {} } b; }
  if (how == "dlclose" || how == "dlopen") { void *l = dlopen("./library.so", RTLD_NOW); if (how == "dlclose") dlclose(l); puts("opened"); }
  if (how == "signal") { std::signal(SIGTERM, [](int) { throw 5; }); std::raise(SIGTERM); }
  return 10;
}
END
g++ -w -shared -fPIC -o library.so library.cc && g++ -w -pthread -fnon-call-exceptions -o ends ends.cc && ulimit -c 0
for end in throw 'throw int' noexcept rethrow terminate destructor thread joinable future exit 'thread exit' quick_exit _exit 'static exits' \
  'static throws' bad_alloc virtual dlclose dlopen signal return; do how ./ends "$end" 2>&1; done
