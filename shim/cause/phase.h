// Where in its end the process is. One word tells the phase and the thread that brought it about; it changes
// by compare-and-swap alone, so a question has one answer, and what one thread has claimed no other undoes.
//
//            ┌──────────────────────────────┐ an exec that failed
//            ▼                              │
//   alive ─────────────► recording ──► replacing          exec
//     │                      ▲              │
//     ▼                      │              │
//   orderly ◄─► cleaning ────┤              │             return, exit
//     │            │         │              │
//     ▼            ▼         │              │
//   closing ─────────────────┘              │
//     │                                     │
//     ▼                                     ▼
//   writing ──► done                     forced ──► dying     _exit, abort, a signal: from wherever it stands
//                                                             but from writing and done
//
//   orderly    libc runs the program's handlers; several threads may share that work, as they do without us
//   cleaning   one of them runs cleanups of the shim's in their place among these; another may take that
//   over,
//              and then it stops after the one that it is at
//   closing    the first that comes to the end of libc's list gives the rest their outcomes
//   writing    it writes the record: nobody takes that over, it takes a moment
//   done       only libc's own last steps are left: what ends the process now ends it without us
//   recording  a thread writes the record of an exec that should succeed: the others wait
//   replacing  it is the kernel's turn; whoever ends the process meanwhile voids that record and takes over
//   forced     nothing of the program runs any more but what the shim runs
//   dying      the record is written; what this thread sets up to die no other thread changes
//
// Who waits for a thread goes on when that is gone (it may leave by a raw exit). tests/model/phase.pml checks
// this file: every end ends, none twice. All of it is signal-safe.
#pragma once

#include <stdint.h>

namespace axshim::phase {

// A thread has begun an orderly end, whether or not it matters to the spine.
void begin_orderly();
bool orderly_has_begun();
// More than one thread called exit, or one that exit ran did.
bool orderly_has_begun_twice();

// Each claim says whether it is granted. Where it is, and an exec was under way, void_exec() is called first:
// what that has recorded is not so.
using VoidExec = void();

// For the first that calls exit: its cause is the one that counts.
bool claim_orderly(VoidExec *);
// Around cleanups of the shim's in the midst of an orderly end.
bool claim_cleaning(VoidExec *);
void end_cleaning();
// After each of them: waits while another thread has taken over, and takes it back where that is through.
void keep_cleaning();
// At the end of libc's list. The same after each cleanup, and before the record.
bool claim_closing(VoidExec *);
void keep_closing();
void begin_writing();
void close();
bool is_done();
void wait_until_done();

// For what ends the process by force. Refused where this thread is at it already, or all is done.
bool claim_forced(VoidExec *);
// Before this thread sets up to die.
void begin_dying();

// An exec: refused where all is done.
bool claim_recording(VoidExec *);
void begin_replacing();
// It failed: back to recording, to void that; then to what was before. False if there was none, or another
// thread has taken over.
bool take_exec_back();
void forget_exec();

// While another thread ends the process by force, this one would be dead: it waits. Returns if that was an
// exec that failed.
bool another_forces();
void wait_for_another();

// What this thread is at.
bool is_ending_here();  // by force, or an exec whose record it writes
bool is_recording_here();
bool is_dying_here();
bool another_dies();
bool is_forced();  // by whomever

// In a fork child: what its parent had begun is not its own.
void forget();

}  // namespace axshim::phase
