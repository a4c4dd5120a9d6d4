// libc's own entry points behind the names that we interpose. Each is looked up on first use, because twenty
// look-ups at load cost 5 % of /bin/true; and not by dlsym, because the first use may be in a signal handler,
// and dlsym waits for a lock that a dlopen in another thread may hold.
#pragma once

#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <threads.h>
#include <unistd.h>

#include <atomic>

// Exported by libc, declared by none of its headers.
extern "C" {
int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(),
                      void (*fini)(), void (*rtld_fini)(), void *stack_end);
int __cxa_atexit(void (*handler)(void *), void *argument, void *dso) noexcept;
int __cxa_at_quick_exit(void (*handler)(void *), void *dso) noexcept;
void __cxa_finalize(void *dso);
}

namespace axshim::real {

// What dlsym(RTLD_NEXT) would find: the default version in the objects after ours; nullptr where none has it.
// Signal-safe.
void *next(const char *name);

// The default version of `name` in that object alone, or nullptr. Signal-safe.
void *in_object(const link_map *object, const char *name);

template <class Name, class Signature>
class Function;

// `Name` is a type, not a pointer in each object: that would cost a relocation at every start.
template <class Name, class Result, class... Args>
class Function<Name, Result(Args...)> {
 public:
  Result (*get())(Args...) {
    void *found = address_.load(std::memory_order_relaxed);
    if (found == nullptr) address_.store(found = next(Name::kText), std::memory_order_relaxed);
    return reinterpret_cast<Result (*)(Args...)>(found);
  }
  Result operator()(Args... args) { return get()(args...); }

 private:
  std::atomic<void *> address_{nullptr};
};

template <class Signature>
struct PlainSignature {
  using type = Signature;
};
template <class Result, class... Args>
struct PlainSignature<Result(Args...) noexcept> {
  using type = Result(Args...);
};
template <class Result, class... Args>
struct PlainSignature<Result(Args..., ...)> {  // every variadic of libc is called as if it were not
  using type = Result(Args...);
};
template <class Result, class... Args>
struct PlainSignature<Result(Args..., ...) noexcept> {
  using type = Result(Args...);
};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wignored-attributes"
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#define AXSHIM_REAL_AS(name, signature)    \
  struct Name_##name {                     \
    static constexpr char kText[] = #name; \
  };                                       \
  inline constinit Function<Name_##name, signature> name;
#define AXSHIM_REAL(name) AXSHIM_REAL_AS(name, PlainSignature<decltype(::name)>::type)
// ends
AXSHIM_REAL_AS(exit, void(int))
AXSHIM_REAL_AS(quick_exit, void(int))
AXSHIM_REAL_AS(abort, void())
// handlers
AXSHIM_REAL(__cxa_atexit)
AXSHIM_REAL(on_exit)
AXSHIM_REAL(__cxa_at_quick_exit)
AXSHIM_REAL(__cxa_finalize)
// signals
AXSHIM_REAL_AS(syscall, long(long, long, long, long, long, long, long))
AXSHIM_REAL(kill)
AXSHIM_REAL(killpg)
AXSHIM_REAL(raise)
AXSHIM_REAL(tgkill)
AXSHIM_REAL(sigqueue)
AXSHIM_REAL(sigaction)
AXSHIM_REAL(signal)
AXSHIM_REAL(sigset)
AXSHIM_REAL(siginterrupt)
AXSHIM_REAL(__sysv_signal)
// images and processes
AXSHIM_REAL(execve)
AXSHIM_REAL(execvpe)
AXSHIM_REAL(fexecve)
AXSHIM_REAL(execveat)
AXSHIM_REAL(fork)
AXSHIM_REAL(setsid)
AXSHIM_REAL(pthread_create)
AXSHIM_REAL(thrd_create)
AXSHIM_REAL(pthread_join)
AXSHIM_REAL_AS(pthread_exit, void(void *))
AXSHIM_REAL(pthread_setcancelstate)
// start
AXSHIM_REAL(__libc_start_main)
// stdio, for the action `flush` alone
AXSHIM_REAL(__fpending)
AXSHIM_REAL(fflush_unlocked)
AXSHIM_REAL(fileno_unlocked)
AXSHIM_REAL(ftrylockfile)
AXSHIM_REAL(funlockfile)
#undef AXSHIM_REAL
#undef AXSHIM_REAL_AS
#pragma GCC diagnostic pop

}  // namespace axshim::real
