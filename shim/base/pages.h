// Memory that is not the program's: its allocator may be half built, interposed or crashed. Signal-safe.
#pragma once

#include <linux/mman.h>
#include <sys/mman.h>

#include "base/sys.h"

namespace axshim {

inline constexpr size_t kPage = 4096;

// Zeroed pages, committed only when touched; nullptr when there is no address space left.
inline void *map_pages(size_t size, int protection = PROT_READ | PROT_WRITE, int flags = MAP_PRIVATE) {
  const long at = sys::call(SYS_mmap, 0, static_cast<long>(size), protection,
                            flags | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return sys::failed(at) ? nullptr : reinterpret_cast<void *>(at);
}
inline void unmap_pages(void *start, size_t size) {
  if (start != nullptr) sys::call(SYS_munmap, sys::arg(start), static_cast<long>(size));
}

// A stack with a guard page below it; `size` counts both. nullptr when there is no address space left.
inline char *map_stack(size_t size) {
  void *base = map_pages(size, PROT_NONE);
  if (base == nullptr) return nullptr;
  char *usable = static_cast<char *>(base) + kPage;
  if (sys::call(SYS_mprotect, sys::arg(usable), static_cast<long>(size - kPage), PROT_READ | PROT_WRITE) == 0)
    return static_cast<char *>(base);
  unmap_pages(base, size);
  return nullptr;
}

}  // namespace axshim
