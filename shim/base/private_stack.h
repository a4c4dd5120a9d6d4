// Runs a function on another stack. What ends a process may have a tiny stack (a coroutine, an exhausted
// thread), and naming C++ functions alone can take 104 KiB.
#pragma once

#include <stddef.h>

namespace axshim {

inline constexpr size_t kPrivateStackSize = 1 << 20;

// Calls function(argument) on a stack of kPrivateStackSize, or on this one where no memory is left.
// For unwinders that stack begins there: an exception that a cleanup throws never reaches the program's
// handlers below. `reserved` is a stack mapped earlier, or nullptr. Signal-safe.
void on_private_stack(void (*function)(void *), void *argument, char *reserved = nullptr);

}  // namespace axshim
