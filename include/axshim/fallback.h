/* Part of axshim.h, not to be included by itself: finds the preload, and does what libc can where there is
 * none.
 *
 * Each program and library has a copy of its own (weak, hidden), as it has its own `atexit`. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define AXSHIM_OWN_ __attribute__((weak, visibility("hidden")))

struct axshim_cleanup_ {
  struct axshim_cleanup_ *older;
  axshim_id id;
  void (*fn)(void *);
  void *arg;
  void *memory; /* goes with it, or null */
  unsigned flags;
  int running; /* and stays in the list until it returns */
  pid_t pid;
  int64_t registered_ns;
  const char *name; /* behind it */
};

struct axshim_state_ {
  struct axshim_cleanup_ *newest;
  uint32_t registered; /* ever */
  int at_exit;         /* atexit will run them */
  uint64_t owner;      /* process and thread that are at work on the list, or 0 */
};
AXSHIM_OWN_ struct axshim_state_ axshim_state_ = {0, 0, 0, 0};

/* The innermost that this thread runs. */
struct axshim_running_ {
  const struct axshim_cleanup_ *cleanup;
  int failed;
};
AXSHIM_OWN_ __thread struct axshim_running_ axshim_running_ = {0, 0};

/* False where a signal handler interrupted this very thread at it: a thread is known by where its errno is.
 * What a thread of its parent's holds, a fork child takes. */
AXSHIM_OWN_ int axshim_lock_(void) {
  const uint64_t self = (uint64_t)getpid() << 32 | (uint32_t)((uintptr_t)&errno >> 4);
  for (uint64_t owner = 0; !__atomic_compare_exchange_n(&axshim_state_.owner, &owner, self, 0,
                                                        __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);) {
    if (owner == self) {
      errno = EAGAIN;
      return 0;
    }
    if (owner >> 32 == self >> 32) owner = 0;
    sched_yield();
  }
  return 1;
}
AXSHIM_OWN_ void axshim_unlock_(void) { __atomic_store_n(&axshim_state_.owner, 0, __ATOMIC_RELEASE); }

AXSHIM_OWN_ int axshim_is_own_(const struct axshim_cleanup_ *cleanup) {
  return (cleanup->flags & AXSHIM_CHILDREN) != 0 || cleanup->pid == getpid();
}

AXSHIM_OWN_ void axshim_free_(struct axshim_cleanup_ *cleanup) {
  free(cleanup->memory);
  free(cleanup);
}

/* What axshim_take_ looks for: all that is given. */
struct axshim_sought_ {
  axshim_id id;
  void (*fn)(void *);
  const char *name;
  unsigned without; /* none of these flags */
};

/* The newest that waits is marked as running, or taken off the list; null where there is none. */
AXSHIM_OWN_ struct axshim_cleanup_ *axshim_take_(struct axshim_sought_ sought, int to_run) {
  struct axshim_cleanup_ **link, *found;
  if (!axshim_lock_()) return 0;
  for (link = &axshim_state_.newest; (found = *link) != 0; link = &found->older) {
    if (!found->running && (sought.id == 0 || found->id == sought.id) &&
        (sought.fn == 0 || found->fn == sought.fn) &&
        (sought.name == 0 || strcmp(found->name, sought.name) == 0) && (found->flags & sought.without) == 0 &&
        axshim_is_own_(found)) {
      found->running = to_run;
      if (!to_run) *link = found->older;
      break;
    }
  }
  axshim_unlock_();
  return found;
}

AXSHIM_OWN_ void axshim_drop_(struct axshim_cleanup_ *cleanup) {
  struct axshim_cleanup_ **link = &axshim_state_.newest;
  if (!axshim_lock_()) return;
  while (*link != cleanup) link = &(*link)->older;
  *link = cleanup->older;
  axshim_unlock_();
  axshim_free_(cleanup);
}

AXSHIM_OWN_ int axshim_forget_(struct axshim_sought_ sought) {
  struct axshim_cleanup_ *found;
  int count = 0;
  while ((found = axshim_take_(sought, 0)) != 0) {
    axshim_free_(found);
    ++count;
  }
  return count;
}

AXSHIM_OWN_ void axshim_at_exit_(void);

/* 0, or -1: no memory. */
AXSHIM_OWN_ int axshim_need_exit_(void) {
  if (!axshim_state_.at_exit && atexit(axshim_at_exit_) != 0) return -1;
  axshim_state_.at_exit = 1;
  return 0;
}

AXSHIM_OWN_ int axshim_run_all_(unsigned without, int at_exit) {
  const struct axshim_sought_ any = {0, 0, 0, without};
  const struct axshim_running_ outer = axshim_running_;
  struct axshim_cleanup_ *next;
  int failures = 0;
  while ((next = axshim_take_(any, 1)) != 0) {
    if (at_exit) axshim_need_exit_(); /* it may call exit, which goes on with what is registered */
    axshim_running_.cleanup = next;
    axshim_running_.failed = 0;
    next->fn(next->arg);
    failures += axshim_running_.failed;
    axshim_running_ = outer;
    axshim_drop_(next);
  }
  return failures;
}

AXSHIM_OWN_ void axshim_at_exit_(void) {
  axshim_state_.at_exit = 0;
  axshim_run_all_(AXSHIM_FORCED_ONLY, 1);
}

AXSHIM_OWN_ int axshim_check_name_(const char *name) {
  const size_t length = strlen(name);
  size_t i;
  if (length > 255) return ENAMETOOLONG;
  for (i = 0; i < length; ++i)
    if ((unsigned char)name[i] < 0x20 || name[i] == 0x7f) return EINVAL;
  return length == 0 ? EINVAL : 0;
}

AXSHIM_OWN_ axshim_id axshim_add_(const char *name, void (*fn)(void *), void *arg, unsigned flags,
                                  void *memory) {
  const size_t length = name != 0 ? strlen(name) : 0;
  struct axshim_cleanup_ *fresh = (struct axshim_cleanup_ *)malloc(sizeof *fresh + length + 1);
  struct timespec now;
  axshim_id id = 0;
  if (fresh == 0) {
    free(memory);
    return 0; /* ENOMEM */
  }
  timespec_get(&now, TIME_UTC);
  fresh->fn = fn;
  fresh->flags = flags;
  fresh->running = 0;
  fresh->pid = getpid();
  fresh->registered_ns = now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
  fresh->name = (const char *)memcpy(fresh + 1, length != 0 ? name : "", length + 1);
  fresh->arg = arg;
  fresh->memory = memory;
  if (!axshim_lock_()) {
    axshim_free_(fresh);
    return 0;
  }
  if (axshim_need_exit_() != 0) {
    axshim_free_(fresh);
    errno = ENOMEM;
  } else { /* no other library has that id */
    id = fresh->id = (uint64_t)((uintptr_t)&axshim_state_ >> 4) << 32 | ++axshim_state_.registered;
    fresh->older = axshim_state_.newest;
    axshim_state_.newest = fresh;
  }
  axshim_unlock_();
  return id;
}

AXSHIM_OWN_ axshim_id axshim_fallback_register_(const char *name, void (*fn)(void *), void *arg,
                                                unsigned flags) {
  const unsigned known = AXSHIM_NAMED_BY_CODE_ | AXSHIM_SIGNAL_SAFE | AXSHIM_ORDERLY_ONLY |
                         AXSHIM_FORCED_ONLY | AXSHIM_CHILDREN | AXSHIM_REPLACE;
  const unsigned both = AXSHIM_ORDERLY_ONLY | AXSHIM_FORCED_ONLY;
  int why;
  if ((flags & AXSHIM_NAMED_BY_CODE_) != 0) name = 0;
  why = fn == 0 || (flags & ~known) != 0 || (flags & both) == both ? EINVAL : 0;
  if (why == 0 && name != 0) why = axshim_check_name_(name);
  if (why != 0) {
    errno = why;
    return 0;
  }
  if ((flags & AXSHIM_REPLACE) != 0 && name != 0) {
    const struct axshim_sought_ same = {0, 0, name, 0};
    axshim_forget_(same);
  }
  return axshim_add_(name, fn, arg, flags, 0);
}

AXSHIM_OWN_ int axshim_fallback_unregister_(axshim_id id) {
  const struct axshim_sought_ sought = {id, 0, 0, 0};
  if (id != 0 && axshim_forget_(sought) != 0) return 0;
  errno = ENOENT;
  return -1;
}

AXSHIM_OWN_ int axshim_fallback_unregister_fn_(void (*fn)(void *)) {
  const struct axshim_sought_ sought = {0, fn, 0, 0};
  return fn == 0 ? 0 : axshim_forget_(sought);
}

AXSHIM_OWN_ int axshim_fallback_unregister_name_(const char *name) {
  const struct axshim_sought_ sought = {0, 0, name, 0};
  return name == 0 || *name == '\0' ? 0 : axshim_forget_(sought);
}

AXSHIM_OWN_ int axshim_fallback_run_(void) { return axshim_run_all_(0, 0); }

AXSHIM_OWN_ void axshim_fallback_clear_(void) {
  const struct axshim_sought_ any = {0, 0, 0, 0};
  axshim_forget_(any);
}

AXSHIM_OWN_ size_t axshim_fallback_count_(void) {
  const struct axshim_cleanup_ *cleanup;
  size_t count = 0;
  if (!axshim_lock_()) return 0;
  for (cleanup = axshim_state_.newest; cleanup != 0; cleanup = cleanup->older)
    if (!cleanup->running && axshim_is_own_(cleanup)) ++count;
  axshim_unlock_();
  return count;
}

/* The visitor may register and unregister: so it is called outside the lock, each time from the list's start.
 */
AXSHIM_OWN_ int axshim_fallback_list_(int (*visit)(const struct axshim_info *, void *), void *context) {
  axshim_id below = ~(axshim_id)0;
  int result = 0;
  if (visit == 0) {
    errno = EINVAL;
    return -1;
  }
  while (result == 0) {
    struct axshim_info info = {sizeof info, 0, "", "api", "", 0, 0};
    char name[256] = "";
    const struct axshim_cleanup_ *next;
    if (!axshim_lock_()) return -1;
    for (next = axshim_state_.newest; next != 0 && (next->id >= below || !axshim_is_own_(next));)
      next = next->older;
    if (next != 0) {
      info.id = below = next->id;
      info.name = strncpy(name, next->name, sizeof name - 1);
      if (next->running) info.outcome = "running";
      info.registered_ns = next->registered_ns;
    }
    axshim_unlock_();
    if (next == 0) break;
    result = visit(&info, context);
  }
  return result;
}

AXSHIM_OWN_ void axshim_fallback_fail_(const char *message) {
  const struct axshim_cleanup_ *running = axshim_running_.cleanup;
  if (running == 0) return;
  axshim_running_.failed = 1;
  fprintf(stderr, "axshim: cleanup%s%s failed: %s\n", *running->name != '\0' ? " " : "", running->name,
          message != 0 ? message : "");
}

AXSHIM_OWN_ int axshim_fallback_active_(void) { return 0; }

#include "fallback_declare.h"

struct axshim_calls_ {
  axshim_id (*register_)(const char *, void (*)(void *), void *, unsigned);
  axshim_id (*declare_)(const char *);
  int (*unregister_)(axshim_id);
  int (*unregister_fn_)(void (*)(void *));
  int (*unregister_name_)(const char *);
  int (*run_)(void);
  void (*clear_)(void);
  size_t (*count_)(void);
  int (*list_)(int (*)(const struct axshim_info *, void *), void *);
  void (*fail_)(const char *);
  int (*active_)(void);
};
AXSHIM_OWN_ struct axshim_calls_ axshim_calls_ = {
    axshim_fallback_register_,      axshim_fallback_declare_,         axshim_fallback_unregister_,
    axshim_fallback_unregister_fn_, axshim_fallback_unregister_name_, axshim_fallback_run_,
    axshim_fallback_clear_,         axshim_fallback_count_,           axshim_fallback_list_,
    axshim_fallback_fail_,          axshim_fallback_active_};

/* A weak reference to the preload's functions would be bound to null when a program without PIE is linked;
 * and one to dlsym is null in a static program, which no preload enters. */
static void *axshim_dlsym_(void *, const char *) __attribute__((weakref("dlsym")));

/* Before the constructors of this program or library. */
__attribute__((constructor(101))) AXSHIM_OWN_ void axshim_connect_(void) {
  static const char *const names[] = {"register", "declare", "unregister", "unregister_fn", "unregister_name",
                                      "run",      "clear",   "count",      "list",          "fail",
                                      "active"};
  struct axshim_calls_ calls;
  size_t i;
  if (axshim_dlsym_ == 0) return;
  for (i = 0; i < sizeof names / sizeof *names; ++i) {
    char name[32] = "axshim_";
    void *found = axshim_dlsym_(0 /* RTLD_DEFAULT */, strcat(name, names[i]));
    if (found == 0) return;
    memcpy((char *)&calls + i * sizeof found, &found, sizeof found);
  }
  if (calls.active_()) axshim_calls_ = calls;
}
