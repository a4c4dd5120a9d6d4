// The spine: whatever ends the process comes through here.
//
//   alive ──► orderly ──► done   libc runs the program's handlers, and the shim's in their place among them
//     `─────────┴──► forced      nothing of the program runs any more but what the shim runs
//
// A forced end takes an orderly one over, from any thread, and so does an exit in another thread: with glibc
// the two share the work, and the one that reaches the end of the list ends the process. Nothing takes a
// forced end over; threads that come after it wait until the process is gone. Once an orderly end is done,
// only libc's own last steps are left: what ends the process now ends it without us.
#pragma once

#include <stddef.h>

#include "cause/cause.h"

namespace axshim {

// False where there is nothing to run and nothing to say: the end of most processes, so it costs them
// nothing. Signal-safe.
bool could_matter(End end);
// Such an end: the journal goes. Signal-safe.
void end_unrecorded();

// An orderly end begins: remembers who began it and keeps the log's descriptor, before libc runs the
// handlers.
// Returns where to put what is known of it, or nullptr where that is known already or matters to nobody.
Cause *announce(End end);

// Runs the ordinary declared cleanups in their place in libc's list, where main was entered.
void run_ordinary_cleanups(const Cause &cause);

// In the place where libc's list has come to: runs the cleanups of the API that are registered as number
// `top` and below it, down to the program's next exit handler or to `bottom`. False where there is nothing to
// do for this thread.
bool run_cleanups_of_api(size_t top, size_t bottom, int status);

// Gives every cleanup an outcome and writes the record. The caller then ends the process.
// Of an orderly end: called from the last of libc's handlers. Signal-safe for the ends that are.
void terminate(const Cause &cause);

// A signal of AXSHIM_GRACEFUL came when the orderly end was under way already. Signal-safe.
void replace_announced(const Cause &cause);

// The cause that was announced, or `otherwise` where libc's hidden exit left us none.
const Cause &announced(const Cause &otherwise);

// Waits for another thread that is at the last of libc's handlers.
void wait_for_orderly_end();

// exec: terminate() for it, and what to do if it returns.
void terminate_by_exec(const Cause &cause);
void exec_failed();

// While another thread ends the process by force, this one would be dead: it waits. Returns if that was an
// exec that failed.
void yield_to_forced_end();

// True if some thread ends the process by force; and on that thread. Signal-safe.
bool is_forced_end();
bool is_ending_here();
// Of an exec: what is sent to this thread now is for later. Signal-safe.
bool is_recording_exec();

// After a deadly call that returned; and in a fork child: what its parent had begun is not its own.
void forget_termination();

}  // namespace axshim
