// The program's own exit handlers. libc keeps them and runs them, each through a trampoline of ours that keeps
// the books; they are never interrupted and never timed.
#pragma once

#include "cleanup/registry.h"
#include "record/hazards.h"

namespace axshim {

// libc is about to run the exit handlers, or is at it. One that called exit itself is `interrupted` from now
// on. Signal-safe.
void note_orderly_end();
bool orderly_end_has_begun();

// The handler that this thread runs, the innermost, or nullptr. Signal-safe.
Entry *running_handler();

// True if an orderly end may still have lost something: a handler called exit, or another thread did too.
// Signal-safe.
bool orderly_end_went_wrong();

// Calls a handler instead of libc.
void call_handler(const Entry &handler, int status);

// Notes it if this thread runs a cleanup, the program's or the shim's, of an end that has begun. Signal-safe.
void note_if_in_cleanup(Hazard);

// In a fork child: its end has not begun. Signal-safe.
void forget_orderly_end();

}  // namespace axshim
