// The program's own exit handlers. The registry keeps them, and libc's exit runs them through marks of ours
// in its list: when and in which order libc would have run them. They are never interrupted and never timed
// out.
#pragma once

#include "cleanup/registry.h"
#include "record/hazards.h"

namespace axshim {

// Something is about to go into libc's list that is no handler of the program's: those that follow run before
// it.
void begin_stretch();

// libc's exit will run what is registered from now on; false where libc has no memory for that.
bool mark_for_exit();

// libc is about to run the exit handlers, or is at it. One that called exit itself is `interrupted` from now
// on. Signal-safe.
void note_orderly_end();

// Runs what libc's marks have missed, of the last stretch: another thread's exit may have taken one off the
// list just then. Before what follows it in the list.
void run_handlers_left(int status);

// Before asking for the running handler: forgets one that a jump or an exception left, as the stack tells.
// Signal-safe.
void drop_left_handler(const void *stack_pointer);

// The handler that this thread runs, the innermost, or nullptr. Signal-safe.
Entry *running_handler();

// Calls the handler.
void call_handler(const Entry &handler, int status);

// Notes it if this thread runs a cleanup, the program's or the shim's, of an end that has begun. Signal-safe.
void note_if_in_cleanup(Hazard);

// In a fork child: the handler that its parent is at is not its own. Signal-safe.
void forget_running_handler();

}  // namespace axshim
