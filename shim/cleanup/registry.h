// What is registered in this process, and what became of it: one list over the cleanups that the environment
// declares, those that the program registers through axshim.h, and the program's own exit handlers.
//
//   free -> registered -> running -> ran | failed | timed_out | interrupted
//               |  `---------------> skipped (reason)
//               `------------------> cancelled -> free (unregistered, or run before the process ends)
//
// An entry is published by one release store of its state and never moves; readers, a signal handler among
// them, trust only what is published. There is no lock: a handler that interrupts a registration never waits.
//
// Who changes an entry has it to itself: it is not published yet, or an exchange of its state took it. What
// becomes of it is told to the journal first, and to everybody else by the store that gives it back.
#pragma once

#include <stdint.h>

#include <atomic>

#include "axshim/axshim.h"
#include "cleanup/declared.h"
#include "cleanup/policy.h"

namespace axshim {

enum class State : uint8_t {
  free,
  registered,
  running,
  ran,
  failed,
  timed_out,
  interrupted,
  skipped,
  cancelled
};

// As the record names it; a registered one has no outcome yet.
inline const char *outcome_name(State state) {
  constexpr const char *kNames[] = {
      "", "", "running", "ran", "failed", "timed-out", "interrupted", "skipped", "cancelled"};
  return kNames[static_cast<int>(state)];
}

// Who registered it: AXSHIM_CLEANUP, axshim_declare, axshim_register, or the program with that function of
// libc. A destructor is what __cxa_atexit gets with an argument: that of a C++ object. `language`: the C++
// library's own, in every C++ program; they give memory back, nothing is lost with them, and no record lists
// them.
enum class Source : uint8_t { env, api_declared, api, atexit, destructor, on_exit, at_quick_exit, language };

inline const char *source_name(Source source) {
  constexpr const char *kNames[] = {"env",        "api",     "api",           "atexit",
                                    "destructor", "on_exit", "at_quick_exit", "language"};
  return kNames[static_cast<int>(source)];
}

// Memory that belongs to an entry's place, and stays with it for the next that is registered there: memory
// follows the number of entries that live, not that of registrations.
struct Block {
  uint32_t capacity;
  char bytes[];
};

struct Entry {
  std::atomic<State> state;
  Source source;
  Reason reason;           // of skipped
  uint8_t flags;           // of api: AXSHIM_SIGNAL_SAFE and the like
  uint32_t generation;     // whose it is: Process::generation at registration
  uint32_t registered_ms;  // after the process's start
  uint32_t turn;           // it was the nth to run, or to be skipped; 0: not yet
  union {
    const Declared *declared;  // see is_declared()
    void *function;            // of the others
  };
  union {
    void *argument;       // until it has run
    int64_t duration_ns;  // then; -1 if unknown
  };
  union {
    const void *dso;    // until it has run: whose handler it is, for dlclose
    const char *error;  // of failed, timed_out and interrupted; may be null
  };
  const void *registered_by;  // return address
  Block *block;               // of api: the name, if any; of api_declared: what it declares. Or null
  uint32_t serial;            // of api and api_declared: tells it from what was at this place before
};
static_assert(sizeof(Entry) <= 64);

inline bool is_declared(const Entry &entry) { return entry.source <= Source::api_declared; }
inline bool is_of_api(const Entry &entry) {
  return entry.source == Source::api || entry.source == Source::api_declared;
}

// An exit handler of the program's.
inline bool is_handler(const Entry &entry) {
  return entry.source >= Source::atexit && entry.source != Source::language;
}

// Of the API's: what its block holds; beyond the flags of axshim.h.
inline constexpr uint8_t kNamed = 0x80;
inline constexpr uint8_t kNamedByCode = AXSHIM_NAMED_BY_CODE_;
inline bool has_name(const Entry &entry) {
  return entry.source == Source::api && (entry.flags & kNamed) != 0;
}

// By AXSHIM_CLEANUP or axshim.h; empty where it has none.
inline std::string_view given_name(const Entry &entry) {
  if (is_declared(entry)) return entry.declared->name;
  return has_name(entry) ? entry.block->bytes : "";
}

// What the record names where it has no name.
inline const void *function_of(const Entry &entry) {
  const bool by_code = entry.source == Source::api && (entry.flags & kNamedByCode) != 0;
  return by_code ? *reinterpret_cast<void *const *>(entry.block->bytes) : entry.function;
}

inline bool is_signal_safe(const Entry &entry) {
  if (is_declared(entry)) return info(entry.declared->action).signal_safe;
  return entry.source == Source::api && (entry.flags & AXSHIM_SIGNAL_SAFE) != 0;
}

inline const char *error_of(const Entry &entry) {
  const State state = entry.state;
  return state >= State::failed && state <= State::interrupted ? entry.error : nullptr;
}

inline bool has_duration(const Entry &entry) {
  const State state = entry.state;
  return (state == State::ran || state == State::failed || state == State::timed_out) &&
         entry.duration_ns >= 0;
}

namespace registry {

// Each publishes a new entry; nullptr when there is no memory. Signal-safe for handlers.
Entry *add(const Declared &declared);
Entry *add_handler(Source source, void *function, void *argument, const void *dso, const void *registered_by);

// An entry in two steps, for what needs memory of its own: it is published by publish(), or given back by
// remove(). Each nullptr when there is no memory. Signal-safe.
Entry *claim(size_t *index);
char *memory_of(Entry &, size_t size);
void publish(Entry &, Source);

// registered -> running: false where it is not, or somebody else was faster. Then it is the caller's, who
// settles what becomes of it. Signal-safe.
bool take(Entry &);
void settle(Entry &, State);

// Forgets an entry: what was on top is used again, but for those below `index`. Signal-safe.
void remove(Entry &);
// As remove, if it is registered: false where it is running or gone, or another is at its place. Signal-safe.
bool cancel(Entry &, size_t index, uint32_t serial);
void keep_below(size_t index);

// For a journal: where the first entries live, and what is allocated from first. Before anything is
// registered.
struct Segment {
  void *start;
  size_t size;
};
Segment first_segment();
void allocate_from(void *first_arena, size_t size);

// Memory that lives as long as the process; nullptr when there is none. Signal-safe.
char *allocate(size_t size);

extern std::atomic<size_t> count;
inline size_t size() { return count.load(std::memory_order_acquire); }  // Signal-safe.
Entry &at(size_t index);  // In order of registration; free ones among them. Signal-safe.

// The next turn. Signal-safe.
uint32_t take_turn();
// How many were taken; and that so many were, after an exec that failed. Signal-safe.
uint32_t turns();
void set_turns(uint32_t taken);

// True if there ever was a cleanup that the shim runs, whosoever it is. Signal-safe.
bool has_ours();
// True if a handler of this very process has not run to its end. Signal-safe.
bool has_own_handlers();

// True if the entry is this process's to run: registered by it, marked @children, or @daemon and passed on to
// it; false while it is not published. Signal-safe.
bool is_own(const Entry &);

// The line of succession of @daemon entries, across fork: they pass to the child that calls setsid; an ending
// parent leaves them to its children, if any may still become a daemon; what nobody has the one takes that
// ends.
bool has_daemon_entries();
void join_family();         // for a fork child, by its parent: the child may not have run yet
void leave_family();        // at its end, or its exec
bool child_took_session();  // after setsid: true if the entries are now this process's
void pass_daemon_entries();
void take_daemon_entries();
void tell_whose_daemon_entries();  // the journal, at this process's end

}  // namespace registry
}  // namespace axshim
