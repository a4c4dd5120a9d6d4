// The registry kept in a file of its own, where AXSHIM_DIR names a directory: what SIGKILL leaves behind is
// what was true. A clean end removes the file.
//
// The registry lives in the process's own memory, and the file is a picture of it, mapped shared: each change
// is drawn there before anybody may build on it. So a fork needs nothing from us: the kernel gives the child
// the registry as it gives it all memory, at one moment, whatever other threads are at, and leaves out the
// picture (MADV_DONTFORK), which the child then makes anew for itself: in the atfork handler, and where none
// was called (_Fork, clone), when it registers or runs something next.
//
// What was tried first, the registry itself in the shared mapping, needs a snapshot of it for the child, and
// nothing makes that one step with the fork: what other threads map in between stays shared, what they
// register is lost, and what they take off runs in the child. A lock around both would do, if registering
// could wait (a signal handler can't), and if each fork came by us (raw system calls don't).
//
// A new file is made under another name, and takes its own when all is in it that must not be lost: after an
// exec the file of the image before has that name, and holds what was declared until then.
#pragma once

#include <stddef.h>

#include "cause/cause.h"
#include "record/journal_layout.h"

namespace axshim::journal {

// Makes the file, or says on stderr why there is none; and gives it its name. Not signal-safe.
void begin();
void take_place();

// True if there is one, so that each end concerns it. Signal-safe.
bool is_kept();

// Memory for the registry, of which there is a picture where there is room for one. nullptr where there is no
// memory. Signal-safe.
void *map(size_t size, uint64_t segment = kNoSegment);
void unmap(void *start, size_t size);

// True while the picture is this process's: the kernel clears it in a child. Null without a journal.
extern std::atomic<const bool *> is_own;

// In a fork child: makes its own file. Signal-safe.
void follow_fork();
// In one of which no atfork handler told us.
void follow_unseen_fork();
inline void ensure_own() {
  const bool *const own = is_own.load(std::memory_order_relaxed);
  if (own != nullptr && !*own) [[unlikely]]
    follow_unseen_fork();
}

// Draws an entry, and what its name or declaration is made of, with the state that it is about to get.
// Signal-safe.
void draw(const Entry &, State);
inline void note(const Entry &entry, State state) {
  const bool *const own = is_own.load(std::memory_order_relaxed);
  if (own != nullptr && *own) [[unlikely]]
    draw(entry, state);
}

// Root is about to become another user for good: who may then write the file is who owns it, so that
// `axshim recover` does nothing by root's rights that root has not declared. Signal-safe.
void hand_over(unsigned uid);

// Before a seccomp filter forbids what the journal needs: the file tells what was true until then, and how
// the process ended. Signal-safe.
void leave();

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
