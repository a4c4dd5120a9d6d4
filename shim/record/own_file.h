// The file that this process keeps its journal in: whose it is, and where.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "record/journal_layout.h"

namespace axshim::own_file {

// What does not change, and then who this process is. False where /proc does not say: then nobody could tell
// whether it lives. Signal-safe.
void identify_machine(JournalHeader &);
bool identify(JournalHeader &);

// By those facts; false where the name is too long. Signal-safe.
bool name(const JournalHeader &);

// A new file with that much room, or -errno, and in `what` the step that failed. It stands aside, under a
// name that says whose it is, until it takes the place of what has the journal's name, or is given up.
// Signal-safe.
int create(size_t size, const char **what);
int take_place();  // 0, or -errno: then it is given up
void discard();
// The file as it was when it was made; -errno where it is another, or out of reach. Signal-safe.
int reopen();
// To the user that this process is about to become for good. Signal-safe.
void hand_over(unsigned uid);
void remove();  // what has the journal's name; Signal-safe.

// True once the space is the file's: a full disk is not to be met by a write to memory. Signal-safe.
bool reserve(int fd, uint64_t offset, size_t size, long &error);

}  // namespace axshim::own_file
