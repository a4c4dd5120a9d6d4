// The spine: whatever ends the process comes through here. Where in its end the process is, cause/phase
// knows.
#pragma once

#include <stddef.h>

#include "cause/cause.h"

namespace axshim {

// False where there is nothing to run and nothing to say: the end of most processes, so it costs them
// nothing. Signal-safe.
bool could_matter(End end);
// Such an end: the journal goes. Signal-safe.
void end_unrecorded();

// An end begins of which more is known now than at its last step: an exit, before libc runs the handlers.
// Keeps the log's descriptor. Returns where to put what is known, to be published then; nullptr where that is
// known already or matters to nobody.
Cause *announce(End);
void publish(const Cause &);
// A signal of AXSHIM_GRACEFUL, whether or not an orderly end is under way: its cause is what counts.
// Signal-safe.
void announce_graceful(const Cause &);
// The cause that was announced, or `otherwise`, of that kind, where libc's hidden exit left us none.
const Cause &announced(const Cause &otherwise);

// Runs the ordinary declared cleanups in their place in libc's list, where main was entered.
void run_ordinary_cleanups(const Cause &cause);

// In the place where libc's list has come to: runs the cleanups of the API that are registered as number
// `top` and below it, down to the program's next exit handler or to `bottom`. False where there is nothing to
// do for this thread.
bool run_cleanups_of_api(size_t top, size_t bottom, int status);

// At the end of libc's list. True for the first thread that comes there, which is to leave_last_step(); the
// others wait until that is done (phase::wait_until_done).
bool claim_last_step();
void leave_last_step();

// Gives every cleanup an outcome and writes the record of an orderly end.
void conclude(const Cause &cause);

// The same for an end by force, which it claims. The caller then ends the process. Signal-safe for the ends
// that are.
void terminate(const Cause &cause);

// exec: false where it is none to be recorded; the same for it, or that it is none after all; and what to do
// if it returns.
bool begin_exec();
void terminate_by_exec(const Cause &cause);
void forgo_exec();
void exec_failed();

// While another thread ends the process by force, this one would be dead: it waits. Returns if that was an
// exec that failed.
void yield_to_forced_end();

// In a fork child: what its parent had begun is not its own.
void forget_termination();

}  // namespace axshim
