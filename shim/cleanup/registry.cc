#include "cleanup/registry.h"

#include "base/pages.h"
#include "process.h"

namespace axshim::registry {

constinit std::atomic<size_t> count{0};

namespace {

constexpr size_t kSegmentEntries = 256;
constexpr size_t kMaxSegments = 1024;
constexpr size_t kArenaSize = 64 * 1024;

Entry **segments = nullptr;  // mapped with the first entry
char *arena = nullptr;
size_t arena_left = 0;

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
  const size_t index = count.load(std::memory_order_relaxed);
  if (index == kSegmentEntries * kMaxSegments) return nullptr;
  if (segments == nullptr) segments = static_cast<Entry **>(map_pages(kMaxSegments * sizeof *segments));
  if (segments == nullptr) return nullptr;
  Entry *&segment = segments[index / kSegmentEntries];
  if (segment == nullptr) segment = static_cast<Entry *>(map_pages(kSegmentEntries * sizeof(Entry)));
  if (segment == nullptr) return nullptr;
  Entry &entry = segment[index % kSegmentEntries];
  entry.declared = declared;
  entry.generation = process.generation;
  entry.duration_ns = -1;
  if (declared.daemon) share_daemon_entries();
  entry.state.store(State::registered, std::memory_order_release);
  count.store(index + 1, std::memory_order_release);
  return &entry;
}

Entry &at(size_t index) { return segments[index / kSegmentEntries][index % kSegmentEntries]; }

bool is_own(const Entry &entry) {
  if (entry.declared.children) return true;
  if (entry.declared.daemon && family != nullptr) return owns_daemon_entries();
  return entry.generation == process.generation;
}

bool has_own() {
  for (size_t i = size(); i-- > 0;)
    if (is_own(at(i))) return true;
  return false;
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
