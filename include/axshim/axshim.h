/* axshim: cleanups that also run at `_exit` and at fatal signals, and those declared even after SIGKILL.
 *
 *     static void remove_lock(void *path) { unlink(path); }
 *     ...
 *     axshim_register("lock", remove_lock, path, AXSHIM_SIGNAL_SAFE);
 *
 * For C11 and C++, with or without PIE, and nothing to link. Where libaxshim.so is preloaded and watches this
 * program, the calls go there. Elsewhere they do what libc's `atexit` can: cleanups run at `exit` and at
 * return from main, newest first, where the first of them was registered; not in fork children; and those of
 * a library when it is unloaded.
 *
 * Any thread may call all of them, and none ends the process. Those marked (s) may be called in a signal
 * handler under the preload; where one finds the registry busy under it, it fails with EAGAIN. Without the
 * preload they use the heap.
 */
#ifndef AXSHIM_H
#define AXSHIM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One registration in this process, and never another. 0 is an error, and errno says why:
 *
 *   EINVAL: a null function, an empty name or one with control characters, an unknown flag, no valid entry.
 *
 *   ENAMETOOLONG: a name of more than 255 bytes.
 *
 *   ENOMEM: no memory for it.
 *
 *   EAGAIN: the caller is a signal handler that interrupted another call.
 *
 *   ENOTSUP: without the preload, an entry that only the preload can do. */
typedef uint64_t axshim_id;

enum {
  AXSHIM_SIGNAL_SAFE = 1, /* it calls only what POSIX lists as async-signal-safe: runs at fatal signals too */
  AXSHIM_ORDERLY_ONLY = 2,   /* at exit, return from main and signals of AXSHIM_GRACEFUL alone */
  AXSHIM_FORCED_ONLY = 4,    /* at all other ends alone */
  AXSHIM_CHILDREN = 8,       /* in fork children too */
  AXSHIM_REPLACE = 16,       /* unregisters first what has the same name */
  AXSHIM_NAMED_BY_CODE_ = 32 /* axshim.hpp's own: `name` is the function that the record shows */
};

/* What axshim_list tells of a cleanup; the strings live as long as that call. */
struct axshim_info {
  size_t size; /* of this structure: later versions may append to it */
  axshim_id id;
  const char *name;      /* "" where it has none */
  const char *source;    /* "api" */
  const char *outcome;   /* "" while it waits, then "running", "ran", "failed" and so on, as in a record */
  const char *error;     /* why it failed, or NULL */
  int64_t registered_ns; /* since 1970-01-01 UTC */
};

#ifdef AXSHIM_PRELOAD /* what libaxshim.so itself exports */
#define AXSHIM_CALL(give, type, name, parameters, arguments) type axshim_##name parameters;
#else
#include "fallback.h"
#define AXSHIM_CALL(give, type, name, parameters, arguments)                           \
  __attribute__((always_inline, unused)) static inline type axshim_##name parameters { \
    give axshim_calls_.name##_ arguments;                                              \
  }
#endif

/* (s) fn(arg) runs when the process ends. The name (may be null) is copied; arg is the caller's and has to
 * live. One with AXSHIM_SIGNAL_SAFE has at least 128 KiB of stack and all signals blocked. */
AXSHIM_CALL(return, axshim_id, register, (const char *name, void (*fn)(void *), void *arg, unsigned flags),
                  (name, fn, arg, flags))

/* (s) One entry as in AXSHIM_CLEANUP: "unlink:/run/x.pid @forced". */
AXSHIM_CALL(return, axshim_id, declare, (const char *entry), (entry))

/* (s) 0; or -1 and ENOENT where it is not registered, or not any more. */
AXSHIM_CALL(return, int, unregister, (axshim_id id), (id))

/* All with that function, or that name. How many there were. */
AXSHIM_CALL(return, int, unregister_fn, (void (*fn)(void *)), (fn))
AXSHIM_CALL(return, int, unregister_name, (const char *name), (name))

/* Runs all now, newest first, on this thread, and forgets each when it has run. How many failed. */
AXSHIM_CALL(return, int, run, (void), ())

/* Forgets all. */
AXSHIM_CALL(, void, clear, (void), ())

/* (s) How many of this process wait to be run. */
AXSHIM_CALL(return, size_t, count, (void), ())

/* Calls visit(info, context) for each, newest first, until it returns something else than 0; returns that, or
 * 0. */
AXSHIM_CALL(return, int, list, (int (*visit)(const struct axshim_info *, void *), void *context),
                  (visit, context))

/* (s) Inside a cleanup: it failed, because. The message (may be null) is copied. Elsewhere it does nothing.
 */
AXSHIM_CALL(, void, fail, (const char *message), (message))

/* (s) 1: the preload is there and watches this program. */
AXSHIM_CALL(return, int, active, (void), ())

#undef AXSHIM_CALL

#ifdef __cplusplus
}
#endif

#endif
