#include "base/stacks.h"

#include <atomic>

namespace axshim {
namespace {

// Stacks of ended threads, for the next: mapping one costs more than a thread's start may.
constexpr size_t kSpares = 64;
std::atomic<char *> spares[kSpares];

// How many have mappings of their own.
constexpr size_t kMostAlone = 64;
std::atomic<size_t> alone{0};

// A stack of it is whoever's takes its bit out of `free`, which pins the slab as well; who finds all of them
// in, and takes all at once, unmaps it. Nobody waits: a fork in the middle costs the child that slab.
struct Slab {
  std::atomic<char *> base{nullptr};
  std::atomic<uint64_t> free{0};
};
constexpr size_t kInSlab = 64;
constexpr size_t kSlabSize = kInSlab * kStackSize;
constexpr uint64_t kAllFree = ~uint64_t{0};
Slab slabs[1024];
std::atomic<size_t> used{0};  // those behind were never mapped

constexpr int kGuardInstall = 102;  // MADV_GUARD_INSTALL, of Linux 6.13: a guard page that is no mapping

long advise(char *start, size_t size, int advice) {
  return sys::call(SYS_madvise, sys::arg(start), static_cast<long>(size), advice);
}

// Where the kernel has no such guard pages, that of the lowest stack alone is one: below are other mappings,
// while the neighbours of the other stacks are stacks that are hardly ever used.
char *map_slab() {
  char *slab = static_cast<char *>(map_pages(kSlabSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_STACK));
  if (slab == nullptr) return nullptr;
  advise(slab, kSlabSize, MADV_NOHUGEPAGE);  // or a thread's start touches 2 MiB
  if (advise(slab, kPage, kGuardInstall) != 0) sys::call(SYS_mprotect, sys::arg(slab), kPage, PROT_NONE);
  return slab;
}

char *take_from(Slab &slab) {
  uint64_t free = slab.free.load();
  while (free != 0)
    if (slab.free.compare_exchange_weak(free, free & (free - 1)))
      return slab.base + static_cast<size_t>(__builtin_ctzll(free)) * kStackSize;
  return nullptr;
}

char *take_from_new_slab() {
  char *const base = map_slab();
  if (base == nullptr) return nullptr;
  for (size_t i = 0; i < sizeof slabs / sizeof *slabs; ++i) {
    char *none = nullptr;
    if (!slabs[i].base.compare_exchange_strong(none, base)) continue;
    for (size_t before = used; before <= i && !used.compare_exchange_weak(before, i + 1);) {
    }
    slabs[i].free = kAllFree - 1;
    return base;
  }
  unmap_pages(base, kSlabSize);
  return nullptr;
}

char *take_in_slab() {
  char *stack = nullptr;
  for (size_t i = 0; stack == nullptr && i < used; ++i) stack = take_from(slabs[i]);
  if (stack == nullptr) stack = take_from_new_slab();
  if (stack != nullptr) advise(stack, kPage, kGuardInstall);
  return stack;
}

// False if it is in none.
bool put_into_slab(char *stack) {
  for (size_t i = 0; i < used; ++i) {
    Slab &slab = slabs[i];
    char *const base = slab.base;
    if (base == nullptr || stack < base || stack >= base + kSlabSize) continue;
    advise(stack, kStackSize, MADV_DONTNEED);
    const uint64_t bit = uint64_t{1} << (static_cast<size_t>(stack - base) / kStackSize);
    uint64_t free = slab.free.fetch_or(bit) | bit;
    if (free == kAllFree && slab.free.compare_exchange_strong(free, 0)) {
      slab.base = nullptr;
      unmap_pages(base, kSlabSize);
    }
    return true;
  }
  return false;
}

char *take_alone() {
  if (alone.fetch_add(1) < kMostAlone)
    if (char *stack = map_stack(kStackSize)) return stack;
  --alone;
  return nullptr;
}

}  // namespace

char *take_stack() {
  for (auto &spare : spares)
    if (spare.load(std::memory_order_relaxed) != nullptr)
      if (char *stack = spare.exchange(nullptr)) return stack;
  char *const stack = take_alone();
  return stack != nullptr ? stack : take_in_slab();
}

void give_stack_back(char *stack) {
  for (auto &spare : spares) {
    char *nothing = nullptr;
    if (spare.compare_exchange_strong(nothing, stack)) return;
  }
  drop_stack(stack);
}

void drop_stack(char *stack) {
  if (put_into_slab(stack)) return;
  unmap_pages(stack, kStackSize);
  --alone;
}

}  // namespace axshim
