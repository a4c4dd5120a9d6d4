#include "cleanup/registry.h"

#include <bit>

#include "base/clock.h"
#include "base/pages.h"
#include "process.h"

namespace axshim::registry {

constinit std::atomic<size_t> count{0};

namespace {

// Each segment is twice as large as the one before. The first is part of the library, and most processes need
// no other: to map one costs as much as to register a hundred.
constexpr size_t kFirstSegment = 1024;
constexpr unsigned kSegments = 18;
constexpr size_t kArenaSize = 64 * 1024;

constinit Entry first_segment[kFirstSegment] = {};
constinit std::atomic<Entry *> segments[kSegments] = {first_segment};

constinit std::atomic<size_t> kept_below{0};
constinit std::atomic<uint32_t> turns_taken{0};
constinit bool any_declared = false;

char *arena = nullptr;
size_t arena_left = 0;

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
  void *pages = map_pages(size);
  if (pages == nullptr) return false;
  Entry *nothing = nullptr;
  if (!segments[segment].compare_exchange_strong(nothing, static_cast<Entry *>(pages)))
    unmap_pages(pages, size);  // another thread was faster
  return true;
}

Entry *claim() {
  size_t index = count.load(std::memory_order_relaxed);
  for (;;) {
    const Place place = place_of(index);
    if (segments[place.segment].load(std::memory_order_acquire) == nullptr && !make_segment(place.segment))
      return nullptr;
    if (count.compare_exchange_weak(index, index + 1, std::memory_order_acq_rel)) return &at(index);
  }
}

void publish(Entry &entry, Source source) {
  entry.source = source;
  entry.reason = Reason::none;
  entry.generation = process.generation;
  entry.turn = 0;
  const int64_t age = in_ns(read_clock(CLOCK_MONOTONIC_COARSE)) - in_ns(process.started_monotonic);
  const int64_t ms = age < 0 ? 0 : age / 1'000'000;  // the coarse clock may lag
  entry.registered_ms = ms < UINT32_MAX ? static_cast<uint32_t>(ms) : UINT32_MAX;
  entry.state.store(State::registered, std::memory_order_release);
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
  if (family != nullptr) return;
  void *page = map_pages(kPage, PROT_READ | PROT_WRITE, MAP_SHARED);
  if (page == nullptr) return;
  family = new (page) Family{process.pid, 0};
}

bool owns_daemon_entries() { return family != nullptr && family->owner == process.pid; }

}  // namespace

char *allocate(size_t size) {
  if (size > arena_left) {
    const size_t block = size > kArenaSize ? (size + kPage - 1) & ~(kPage - 1) : kArenaSize;
    char *fresh = static_cast<char *>(map_pages(block));
    if (fresh == nullptr) return nullptr;
    arena = fresh;
    arena_left = block;
  }
  char *result = arena;
  const size_t taken = size < arena_left ? (size + 15) & ~size_t{15} : size;
  arena += taken;
  arena_left -= taken;
  return result;
}

Entry *add(const Declared &declared) {
  char *copy = allocate(sizeof declared);
  Entry *entry = copy != nullptr ? claim() : nullptr;
  if (entry == nullptr) return nullptr;
  entry->declared = new (copy) Declared(declared);
  entry->registered_by = nullptr;
  entry->dso = nullptr;
  if (declared.daemon) share_daemon_entries();
  any_declared = true;
  publish(*entry, Source::env);
  return entry;
}

Entry *add_handler(Source source, void *function, void *argument, const void *dso,
                   const void *registered_by) {
  Entry *entry = claim();
  if (entry == nullptr) return nullptr;
  entry->function = function;
  entry->argument = argument;
  entry->dso = dso;
  entry->registered_by = registered_by;
  publish(*entry, source);
  return entry;
}

// Only what was cancelled is taken off: a free entry on top is one that another thread is about to publish.
void remove(Entry &entry) {
  entry.state.store(State::cancelled, std::memory_order_release);
  size_t index = size();
  for (State expected = State::cancelled;
       index > kept_below && at(index - 1).state.compare_exchange_strong(expected, State::free); --index) {
    Entry &top = at(index - 1);
    size_t size = index;
    if (count.compare_exchange_strong(size, index - 1)) continue;
    top.state = State::cancelled;  // another thread was faster: it is not the top any more
    return;
  }
}

void keep_below(size_t index) { kept_below = index; }

Entry &at(size_t index) {
  const Place place = place_of(index);
  return segments[place.segment].load(std::memory_order_relaxed)[place.offset];
}

uint32_t take_turn() { return turns_taken.fetch_add(1, std::memory_order_relaxed) + 1; }
uint32_t turns() { return turns_taken.load(std::memory_order_relaxed); }
void set_turns(uint32_t taken) { turns_taken.store(taken, std::memory_order_relaxed); }

bool has_declared() { return any_declared; }

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
  if (entry.source == Source::env) {
    if (entry.declared->children) return true;
    if (entry.declared->daemon && family != nullptr) return owns_daemon_entries();
  }
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
  return true;
}

void pass_daemon_entries() {
  if (owns_daemon_entries() && family->children > 0) family->owner = 0;
}

void take_daemon_entries() {
  int nobody = 0;
  family->owner.compare_exchange_strong(nobody, process.pid);
}

}  // namespace axshim::registry
