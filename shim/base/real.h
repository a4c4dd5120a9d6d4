// libc's own entry points behind the names that we interpose: the only dlsym. Each is looked up on first use,
// because twenty look-ups at load cost 5 % of /bin/true.
#pragma once

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <atomic>

// Exported by libc, declared by none of its headers.
extern "C" {
int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(), void (*fini)(),
                      void (*rtld_fini)(), void *stack_end);
int __cxa_at_quick_exit(void (*handler)(void *), void *dso) noexcept;
}

namespace axshim::real {

// dlsym(RTLD_NEXT). Not signal-safe (takes the loader's lock), but recursion into it is.
void *next(const char *name);
// dlsym(RTLD_DEFAULT): the program's or a library's, nullptr where there is none. Not signal-safe.
void *any(const char *name);

template <class Signature>
class Function;

template <class Result, class... Args>
class Function<Result(Args...)> {
 public:
  constexpr explicit Function(const char *name) : name_(name) {}
  Result (*get())(Args...) {
    void *found = address_.load(std::memory_order_relaxed);
    if (found == nullptr) address_.store(found = next(name_), std::memory_order_relaxed);
    return reinterpret_cast<Result (*)(Args...)>(found);
  }
  Result operator()(Args... args) { return get()(args...); }

 private:
  const char *name_;
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
#define AXSHIM_REAL(name) inline constinit Function<PlainSignature<decltype(::name)>::type> name{#name};
// ends
AXSHIM_REAL(exit)
AXSHIM_REAL(quick_exit)
AXSHIM_REAL(abort)
AXSHIM_REAL(on_exit)
// signals
AXSHIM_REAL(kill)
AXSHIM_REAL(killpg)
AXSHIM_REAL(raise)
AXSHIM_REAL(tgkill)
AXSHIM_REAL(pthread_kill)
AXSHIM_REAL(sigqueue)
AXSHIM_REAL(sigaction)
AXSHIM_REAL(sigaltstack)
AXSHIM_REAL(signal)
AXSHIM_REAL(sigset)
AXSHIM_REAL(__sysv_signal)
// images and processes
AXSHIM_REAL(execve)
AXSHIM_REAL(execvpe)
AXSHIM_REAL(fexecve)
AXSHIM_REAL(execveat)
AXSHIM_REAL(fork)
AXSHIM_REAL(setsid)
AXSHIM_REAL(pthread_create)
AXSHIM_REAL(__libc_start_main)
AXSHIM_REAL(__cxa_at_quick_exit)
#undef AXSHIM_REAL
#pragma GCC diagnostic pop

}  // namespace axshim::real
