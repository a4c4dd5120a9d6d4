// Stacks for the signals of threads. libc's own stacks are two mappings a thread, so that vm.max_map_count
// (65,530) allows 32,7xx threads; with two more for each stack of ours there would be half as many. So only
// the first have mappings of their own, the others lie in slabs: one mapping for 64.
#pragma once

#include <stddef.h>

#include "base/pages.h"

namespace axshim {

inline constexpr size_t kStackSize = 256 * 1024 + kPage;  // its lowest page is a guard

// Zeroed or used before; nullptr when there is no room left. Signal-safe.
char *take_stack();

// For the next thread; 64 of them keep the memory that they took. Signal-safe.
void give_stack_back(char *stack);

// The memory is the system's again, and where no neighbour is in use the address space. Signal-safe.
void drop_stack(char *stack);

}  // namespace axshim
