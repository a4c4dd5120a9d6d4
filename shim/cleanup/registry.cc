#include "cleanup/registry.h"

#include <algorithm>
#include <bit>

#include "base/clock.h"
#include "base/exchange.h"
#include "base/pages.h"
#include "process.h"
#include "record/journal.h"

namespace axshim::registry {

constinit std::atomic<size_t> count{0};

namespace {

// Each segment is twice as large as the one before. The first is part of the library, and most processes need
// no other: to map one costs as much as to register a hundred.
constexpr size_t kFirstSegment = 256;
constexpr unsigned kSegments = 20;
// Each arena is twice as large as the one before: a journal holds so many.
constexpr size_t kFirstArena = 64 * 1024, kLargestArena = 64 << 20;
constexpr size_t kAlignment = 16;

alignas(64) constinit Entry first_entries[kFirstSegment] = {};
constinit std::atomic<Entry *> segments[kSegments] = {first_entries};

constinit std::atomic<size_t> kept_below{0};
constinit std::atomic<uint32_t> turns_taken{0};
constinit std::atomic<bool> any_ours = false;

struct Arena {
  size_t size;
  std::atomic<size_t> used;
};
constinit std::atomic<Arena *> arena{nullptr};

struct Place {
  unsigned segment;
  size_t offset;
};

Place place_of(size_t index) {
  const size_t blocks = index / kFirstSegment + 1;
  const unsigned segment = (std::bit_width(blocks) - 1) & 63U;
  return {segment, index - kFirstSegment * ((size_t{1} << segment) - 1)};
}

// True once the segment is there.
bool make_segment(unsigned segment) {
  if (segment >= kSegments || process.quiet) return false;
  const size_t size = (kFirstSegment << segment) * sizeof(Entry);
  void *pages = journal::map(size, segment);
  if (pages == nullptr) return false;
  Entry *nothing = nullptr;
  if (!segments[segment].compare_exchange_strong(nothing, static_cast<Entry *>(pages)))
    journal::unmap(pages, size);  // another thread was faster
  return true;
}

// Shared with fork children, mapped with the first @daemon entry.
struct Family {
  // Pid of whose the @daemon entries are; 0 when an ending parent left them to its children.
  std::atomic<int> owner;
  // Fork children that have neither ended nor called exec: who may become a daemon.
  std::atomic<int> children;
};
Family *family = nullptr;

void share_daemon_entries() {
  if (family != nullptr || process.quiet) return;
  void *page = map_pages(kPage, PROT_READ | PROT_WRITE, MAP_SHARED);
  if (page == nullptr) return;
  family = new (page) Family{process.pid, 0};
  journal::note_daemon_entries(DaemonEntries::declared);
}

bool owns_daemon_entries() { return family != nullptr && family->owner == process.pid; }

}  // namespace

Entry *claim(size_t *at_index) {
  journal::ensure_own();
  size_t index = count.load(std::memory_order_relaxed);
  for (;;) {
    const Place place = place_of(index);
    if (segments[place.segment].load(std::memory_order_acquire) == nullptr && !make_segment(place.segment))
      return nullptr;
    if (!exchange(count, index, index + 1)) continue;
    *at_index = index;
    return segments[place.segment].load(std::memory_order_relaxed) + place.offset;
  }
}

void publish(Entry &entry, Source source) {
  if (source <= Source::api && !any_ours.load(std::memory_order_relaxed)) any_ours = true;
  entry.source = source;
  if (is_declared(entry) && entry.declared->daemon) share_daemon_entries();
  if (!is_declared(entry)) journal::note_modules(function_of(entry), entry.registered_by);
  entry.reason = Reason::none;
  entry.generation = process.generation;
  entry.turn = 0;
  const int64_t age = in_ns(read_clock(CLOCK_MONOTONIC_COARSE)) - in_ns(process.started_monotonic);
  const int64_t ms = age < 0 ? 0 : age / 1'000'000;  // the coarse clock may lag
  entry.registered_ms = ms < UINT32_MAX ? static_cast<uint32_t>(ms) : UINT32_MAX;
  settle(entry, State::registered);
}

bool take(Entry &entry) {
  State expected = State::registered;
  return entry.state.compare_exchange_strong(expected, State::running);
}

void settle(Entry &entry, State state) {
  journal::note(entry, state);
  entry.state.store(state, std::memory_order_release);
}

char *allocate(size_t size) {
  size = (size + kAlignment - 1) & ~(kAlignment - 1);
  for (;;) {
    Arena *now = arena.load(std::memory_order_acquire);
    if (now != nullptr) {
      const size_t start = now->used.fetch_add(size);
      if (start + size <= now->size) return reinterpret_cast<char *>(now) + start;
    }
    if (process.quiet) return nullptr;
    size_t fresh_size = std::clamp(now != nullptr ? 2 * now->size : size_t{0}, kFirstArena, kLargestArena);
    if (size > fresh_size / 2) fresh_size = (sizeof(Arena) + size + kPage - 1) & ~(kPage - 1);
    void *pages = journal::map(fresh_size);
    if (pages == nullptr) return nullptr;
    Arena *fresh = new (pages) Arena{fresh_size, sizeof(Arena)};
    if (!arena.compare_exchange_strong(now, fresh)) journal::unmap(pages, fresh_size);  // somebody was faster
  }
}

char *memory_of(Entry &entry, size_t size) {
  if (entry.block == nullptr || entry.block->capacity < size) {
    const size_t capacity = std::bit_ceil(sizeof(Block) + size) - sizeof(Block);
    char *memory = allocate(sizeof(Block) + capacity);
    if (memory == nullptr) return nullptr;
    entry.block = new (memory) Block{static_cast<uint32_t>(capacity)};
  }
  return entry.block->bytes;
}

Entry *add(const Declared &declared) {
  char *copy = allocate(sizeof declared);
  size_t index;
  Entry *entry = copy != nullptr ? claim(&index) : nullptr;
  if (entry == nullptr) return nullptr;
  entry->declared = new (copy) Declared(declared);
  entry->registered_by = nullptr;
  entry->dso = nullptr;
  publish(*entry, Source::env);
  return entry;
}

Entry *add_handler(Source source, void *function, void *argument, const void *dso,
                   const void *registered_by) {
  size_t index;
  Entry *entry = claim(&index);
  if (entry == nullptr) return nullptr;
  entry->function = function;
  entry->argument = argument;
  entry->dso = dso;
  entry->registered_by = registered_by;
  publish(*entry, source);
  return entry;
}

namespace {

// An entry that this thread made free; false if it is not the top any more.
bool take_off(Entry &top, size_t index) {
  size_t size = index + 1;
  if (exchange(count, size, index)) return true;
  top.state = State::cancelled;
  return false;
}

// Only what was cancelled is taken off: a free entry on top is one that another thread is about to publish.
void take_off_cancelled() {
  for (size_t index = size(); index-- > kept_below;) {
    Entry &top = at(index);
    State expected = State::cancelled;
    if (top.state.load(std::memory_order_relaxed) != expected) return;
    if (!exchange(top.state, expected, State::free) || !take_off(top, index)) return;
  }
}

}  // namespace

void remove(Entry &entry) {
  settle(entry, State::cancelled);
  take_off_cancelled();
}

bool cancel(Entry &entry, size_t index, uint32_t serial) {
  journal::ensure_own();
  State expected = State::registered;
  if (!exchange(entry.state, expected, State::free)) return false;
  if (entry.serial != serial) {  // another took its place meanwhile
    entry.state.store(State::registered, std::memory_order_release);
    return false;
  }
  journal::note(entry, State::cancelled);
  const bool is_top = index + 1 == size() && index >= kept_below;
  if (!is_top) entry.state.store(State::cancelled, std::memory_order_release);
  if (is_top && take_off(entry, index)) take_off_cancelled();
  return true;
}

void keep_below(size_t index) { kept_below = index; }

Entry &at(size_t index) {
  const Place place = place_of(index);
  return segments[place.segment].load(std::memory_order_relaxed)[place.offset];
}

uint32_t take_turn() { return turns_taken.fetch_add(1, std::memory_order_relaxed) + 1; }
uint32_t turns() { return turns_taken.load(std::memory_order_relaxed); }
void set_turns(uint32_t taken) { turns_taken.store(taken, std::memory_order_relaxed); }

Segment first_segment() { return {first_entries, sizeof first_entries}; }
void allocate_from(void *first_arena, size_t size) { arena = new (first_arena) Arena{size, sizeof(Arena)}; }

bool has_ours() { return any_ours; }

// What lies above an entry was registered after it: so if the last one is not this process's, none is.
bool has_own_handlers() {
  for (size_t i = size(); i-- > 0;) {
    const Entry &entry = at(i);
    if (entry.state == State::free || entry.state == State::cancelled) continue;
    if (entry.generation != process.generation) return false;
    if (is_handler(entry) && entry.state <= State::running) return true;
  }
  return false;
}

bool is_own(const Entry &entry) {
  if (entry.state.load(std::memory_order_acquire) == State::free) return false;
  if (is_declared(entry)) {
    if (entry.declared->children) return true;
    if (entry.declared->daemon && family != nullptr) return owns_daemon_entries();
  }
  if (entry.source == Source::api && (entry.flags & AXSHIM_CHILDREN) != 0) return true;
  return entry.generation == process.generation;
}

bool has_daemon_entries() { return family != nullptr; }

void join_family() {
  if (family != nullptr) ++family->children;
}

void leave_family() {
  if (family != nullptr && process.generation > 0) --family->children;
}

bool child_took_session() {
  if (family == nullptr || owns_daemon_entries() || process.generation == 0) return false;
  family->owner = process.pid;
  journal::note_daemon_entries(DaemonEntries::taken);
  return true;
}

void pass_daemon_entries() {
  if (owns_daemon_entries() && family->children > 0) family->owner = 0;
}

void take_daemon_entries() {
  int nobody = 0;
  family->owner.compare_exchange_strong(nobody, process.pid);
}

void tell_whose_daemon_entries() {
  if (!owns_daemon_entries()) journal::note_daemon_entries(DaemonEntries::not_own);
}

}  // namespace axshim::registry
