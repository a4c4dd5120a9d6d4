// The program's handlers with SA_ONSTACK. Where it has no alternate stack they run on the stack that the
// signal finds, and may leave it by swapcontext; the shim's alternate stack is not for them. So the kernel
// does not get that flag as long as the program has set no alternate stack, in any thread; then it gets all
// of them. A flag that the kernel keeps, and hardly knows, tells: no table, for a vfork child shares our
// memory and has dispositions of its own. Signal-safe.
#pragma once

#include <signal.h>

namespace axshim::onstack {

// True if it is the program's handler and the flag is not for the kernel; `action` has the other one then.
bool hide(struct sigaction &action);

// After such an action was installed: another thread may have set an alternate stack meanwhile.
void hidden(int signal);

// What the program gave.
void as_program_sees(struct sigaction &action);

// The kernel gets what the program gave.
void show();

// The program has set an alternate stack.
void program_has_altstack();

}  // namespace axshim::onstack
