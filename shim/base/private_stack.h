// Runs a function on another stack. What ends a process may have a tiny stack (a coroutine, an exhausted
// thread), and naming C++ functions alone can take 104 KiB.
#pragma once

#include <stddef.h>

namespace axshim {

inline constexpr size_t kPrivateStackSize = 2 << 20;

// Calls function(argument) on a stack of kPrivateStackSize; on this one where it is such a stack already, or
// no memory is left. Signals that come meanwhile get an alternate stack of their own: the kernel takes the
// thread's for free once we have left it, though the frames of the handler that brought us here are still on
// it. For unwinders that stack begins there: an exception that a cleanup throws never reaches the program's
// handlers below. `reserved` is a stack mapped earlier, for where no system call may be made, or nullptr.
// Signal-safe.
void on_private_stack(void (*function)(void *), void *argument, char *reserved = nullptr);

}  // namespace axshim
