// Compare-and-exchange for what a thread shares with its signal handlers and, once there are any, with other
// threads. Until then it goes without the bus lock, which costs more than all else that a registration does.
#pragma once

#include <sys/single_threaded.h>

#include <atomic>

#pragma weak __libc_single_threaded  // of glibc 2.32

namespace axshim {

// As compare_exchange_strong. Signal-safe.
template <class T>
bool exchange(std::atomic<T> &object, T &expected, T desired) {
#ifdef __x86_64__
  if (&__libc_single_threaded != nullptr && __libc_single_threaded) {
    bool done;
    asm volatile("cmpxchg %[desired], %[object]"
                 : "=@ccz"(done), [object] "+m"(object), "+a"(expected)
                 : [desired] "r"(desired)
                 : "memory");
    return done;
  }
#endif
  return object.compare_exchange_strong(expected, desired);
}

}  // namespace axshim
