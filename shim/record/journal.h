// The registry kept in a file of its own, where AXSHIM_DIR names a directory: what SIGKILL leaves behind is
// what was true. A clean end removes the file.
//
// The mapping is shared, so a fork child replaces it before it writes: by the atfork handler, and where none
// was called (_Fork, clone), by whoever registers or runs something next.
#pragma once

#include <stddef.h>

#include "cause/cause.h"
#include "record/journal_layout.h"

namespace axshim::journal {

// Makes the file, or says on stderr why there is none. Not signal-safe.
void begin();

// True if there is one, so that each end concerns it. Signal-safe.
bool is_kept();

// Memory for the registry: of the file, or anonymous where there is none or no room in it. nullptr where
// there is no memory either. Signal-safe.
void *map(size_t size, uint64_t segment = kNoSegment);
void unmap(void *start, size_t size);

// Around fork, and in the child: a file of its own takes the place of its parent's, with what was true at the
// fork, for the parent goes on writing to its own. Signal-safe.
void before_fork();
void after_fork_in_parent();
void follow_fork();

// Before a seccomp filter forbids what the journal needs: from then on the registry is in memory, and the
// file tells what was true, and how the process ended. Signal-safe.
void leave();

extern const bool *is_own;  // null without a journal; the kernel clears it in a child
inline void ensure_own() {
  if (is_own != nullptr && !*is_own) [[unlikely]]
    follow_fork();
}

// The objects that these addresses lie in are to be found in it. Signal-safe.
void note_modules(const void *function, const void *registered_by);

// The end has begun, was recorded, turned out to be none. Signal-safe.
void begin_end(const Cause &);
void finish_end(bool clean);
void take_end_back();

// Of the entries marked @daemon. Signal-safe.
void note_daemon_entries(DaemonEntries);

// Somebody cut the file: memory takes its place. False if `address` is not in it. Signal-safe.
bool replace_lost(const void *address);

}  // namespace axshim::journal
