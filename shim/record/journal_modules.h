// The loaded objects that the functions in a journal lie in: so they can be named when the process is gone.
#pragma once

#include "record/journal_layout.h"

namespace axshim::journal {

// It is in the journal from then on, unless the address is in none or null. Signal-safe.
void note_module(JournalHeader &, const void *address);

// Draws one, before it is the newest. Signal-safe.
void draw_module(const JournalHeader &, const JournalModule &);

}  // namespace axshim::journal
