// What is registered in this process, and what became of it.
//
//   free -> registered -> running -> ran | failed | timed_out | interrupted
//               |  `---------------> skipped (reason)
//               `------------------> cancelled
//
// An entry is published by one release store of its state and never moves; readers, a signal handler among
// them, trust only what is published. Nothing is allocated before the first entry.
#pragma once

#include <stdint.h>

#include <atomic>
#include <string_view>

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

struct Entry {
  std::atomic<State> state{State::free};
  Reason reason = Reason::none;  // of skipped
  uint32_t generation = 0;       // whose it is: Process::generation at registration
  int64_t duration_ns = -1;
  const char *error = nullptr;  // of failed
  Declared declared;
};

namespace registry {

// Copies `declared` into a new entry and publishes it; nullptr when there is no memory. Not signal-safe.
Entry *add(const Declared &declared);

// Memory that lives as long as the entries; nullptr when there is none. Not signal-safe.
char *allocate(size_t size);

// Published entries. Here, since nearly every process asks at its end and finds none: that reads one page
// less.
extern std::atomic<size_t> count;
inline size_t size() { return count.load(std::memory_order_acquire); }  // Signal-safe.
Entry &at(size_t index);  // In order of registration. Signal-safe.

// True if the entry is this process's to run: registered by it, marked @children, or @daemon and passed on to
// it. Signal-safe.
bool is_own(const Entry &);
bool has_own();

// The line of succession of @daemon entries, across fork: they pass to the child that calls setsid; an ending
// parent leaves them to its children, if any may still become a daemon; what nobody has the one takes that
// ends.
bool has_daemon_entries();
void join_family();         // for a fork child, by its parent: the child may not have run yet
void leave_family();        // at its end, or its exec
bool child_took_session();  // after setsid: true if the entries are now this process's
void pass_daemon_entries();
void take_daemon_entries();

}  // namespace registry
}  // namespace axshim
