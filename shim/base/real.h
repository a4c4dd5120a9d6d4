// libc's functions, never by a name that the program may define too: the program comes first, and Erlang's VM
// has a sigaction of its own around __sigaction, others a clone or an abort. So no slot of this library that
// the loader fills leads to a function of libc, but for the few that tests/preload/names_test.cc lists.
//
// A hook passes on to `real::` and its own name: the next object's, which may be one that interposes it as
// well. What the shim wants for itself it takes from `libc::`.
//
// Each is looked up on first use, because twenty look-ups at load cost 5 % of /bin/true; and not by dlsym,
// because the first use may be in a signal handler, and dlsym waits for a lock that a dlopen in another
// thread may hold.
#pragma once

#include <link.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
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
int __register_atfork(void (*prepare)(), void (*parent)(), void (*child)(), void *dso);
void _pthread_cleanup_push(_pthread_cleanup_buffer *, void (*)(void *), void *);
void _pthread_cleanup_pop(_pthread_cleanup_buffer *, int execute);
}

namespace axshim {

// What dlsym(RTLD_NEXT) would find: the default version in the objects after ours; nullptr where none has it.
// Signal-safe.
void *find_next(const char *name);

// The same in libc alone, half of which is libpthread before glibc 2.34: a process may lack that.
// Signal-safe.
void *find_in_libc(const char *name);

// The default version of `name` in that object alone, or nullptr. Signal-safe.
void *find_in_object(const link_map *object, const char *name);

template <class Name, class Signature>
class Function;

// `Name` is a type, not a pointer in each object: that would cost a relocation at every start.
template <class Name, class Result, class... Args>
class Function<Name, Result(Args...)> {
 public:
  Result (*get())(Args...) {
    void *found = address_.load(std::memory_order_relaxed);
    if (found == nullptr) address_.store(found = Name::find(Name::kText), std::memory_order_relaxed);
    return reinterpret_cast<Result (*)(Args...)>(found);
  }
  Result operator()(Args... args) { return get()(args...); }
  explicit operator bool() { return get() != nullptr; }

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
#define AXSHIM_FOUND(finder, name, signature)                            \
  struct Name_##name {                                                   \
    static constexpr char kText[] = #name;                               \
    static void *find(const char *text) { return axshim::finder(text); } \
  };                                                                     \
  inline constinit Function<Name_##name, signature> name;
#define AXSHIM_TYPE(name) PlainSignature<decltype(::name)>::type

namespace real {

#define AXSHIM_REAL_AS(name, signature) AXSHIM_FOUND(find_next, name, signature)
#define AXSHIM_REAL(name) AXSHIM_REAL_AS(name, AXSHIM_TYPE(name))
// ends
AXSHIM_REAL_AS(exit, void(int))
AXSHIM_REAL_AS(quick_exit, void(int))
AXSHIM_REAL_AS(abort, void())
AXSHIM_REAL_AS(syscall, long(long, long, long, long, long, long, long))
// handlers
AXSHIM_REAL(__cxa_atexit)
AXSHIM_REAL(on_exit)
AXSHIM_REAL(__cxa_at_quick_exit)
AXSHIM_REAL(__cxa_finalize)
// signals
AXSHIM_REAL(kill)
AXSHIM_REAL(killpg)
AXSHIM_REAL(raise)
AXSHIM_REAL(tgkill)
AXSHIM_REAL(sigqueue)
AXSHIM_REAL(sigaction)
AXSHIM_REAL_AS(__sigaction, AXSHIM_TYPE(sigaction))
AXSHIM_REAL(signal)
AXSHIM_REAL_AS(bsd_signal, AXSHIM_TYPE(signal))
AXSHIM_REAL_AS(ssignal, AXSHIM_TYPE(signal))
AXSHIM_REAL_AS(sysv_signal, AXSHIM_TYPE(signal))
AXSHIM_REAL(__sysv_signal)
AXSHIM_REAL(sigset)
AXSHIM_REAL(siginterrupt)
// images and processes
AXSHIM_REAL(execve)
AXSHIM_REAL(execvpe)
AXSHIM_REAL(fexecve)
AXSHIM_REAL(execveat)
AXSHIM_REAL(setsid)
AXSHIM_REAL(setuid)
AXSHIM_REAL(setreuid)
AXSHIM_REAL(setresuid)
AXSHIM_REAL(pthread_create)
AXSHIM_REAL(thrd_create)
AXSHIM_REAL_AS(pthread_exit, void(void *))
// start
AXSHIM_REAL(__libc_start_main)
#undef AXSHIM_REAL
#undef AXSHIM_REAL_AS

}  // namespace real

namespace libc {

#define AXSHIM_LIBC_AS(name, signature) AXSHIM_FOUND(find_in_libc, name, signature)
#define AXSHIM_LIBC(name) AXSHIM_LIBC_AS(name, AXSHIM_TYPE(name))
AXSHIM_LIBC_AS(exit, void(int))
AXSHIM_LIBC(on_exit)
AXSHIM_LIBC(__cxa_at_quick_exit)
AXSHIM_LIBC(sigaction)
AXSHIM_LIBC(fork)
AXSHIM_LIBC_AS(clone, int(int (*)(void *), void *, int, void *, pid_t *))
AXSHIM_LIBC(pthread_join)
AXSHIM_LIBC(pthread_setcancelstate)
AXSHIM_LIBC(_pthread_cleanup_push)
AXSHIM_LIBC(_pthread_cleanup_pop)
AXSHIM_LIBC(__register_atfork)
AXSHIM_LIBC(getauxval)
AXSHIM_LIBC(vsnprintf)
AXSHIM_LIBC(strerrordesc_np)  // of glibc 2.32
// stdio, for the action `flush` alone
AXSHIM_LIBC(__fpending)
AXSHIM_LIBC(fflush_unlocked)
AXSHIM_LIBC(fileno_unlocked)
AXSHIM_LIBC(ftrylockfile)
AXSHIM_LIBC(funlockfile)
#undef AXSHIM_LIBC
#undef AXSHIM_LIBC_AS

// What is wrong, as libc says it in English. Signal-safe.
const char *error_text(int error);

}  // namespace libc
#undef AXSHIM_FOUND
#undef AXSHIM_TYPE
#pragma GCC diagnostic pop

}  // namespace axshim
