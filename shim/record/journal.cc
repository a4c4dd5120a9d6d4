#include "record/journal.h"

#include <fcntl.h>
#include <string.h>
#include <sys/utsname.h>

#include <algorithm>
#include <iterator>

#include "base/pages.h"
#include "base/real.h"
#include "base/sys.h"
#include "process.h"
#include "record/journal_modules.h"
#include "record/journal_place.h"
#include "record/own_file.h"
#include "settings.h"

namespace axshim::journal {

constinit std::atomic<const bool *> is_own{nullptr};

namespace {

// As this process has it, with the addresses of the registry's memory; null without a journal. In the midst
// of a function it becomes null where somebody cut the file, so each looks once.
constinit std::atomic<JournalHeader *> header{nullptr};
constinit JournalHeader *left = nullptr;  // by leave(): only the end is drawn there

// The picture of it, and of each region. It stays mapped while the process lives, in the parent alone of a
// fork.
constinit JournalHeader *picture = nullptr;
constinit char *pictures[kMostRegions] = {};
struct Mapping {
  char *start;
  size_t size;
};
constinit Mapping mapped[kMostRegions + 1] = {};

bool has_picture() {
  const bool *const own = is_own;
  return own != nullptr && *own;
}

template <class Field, class Value>
void set(JournalHeader &own, Field JournalHeader::*field, Value value) {
  own.*field = value;
  if (has_picture()) picture->*field = value;
}

void complain_of_it(const char *what, long error) {
  char buffer[256];
  Text why(buffer);
  why << what << ": " << libc::error_text(static_cast<int>(-error)) << "; no journal is kept";
  complain("AXSHIM_DIR", settings.journal_directory, why.view());
}

// What `axshim recover` would refuse is not worth keeping.
bool is_recovered_from(const char *directory) {
  char buffer[512];
  Text why(buffer);
  if (is_place_for_journals(directory, Journals::are_kept, why)) return true;
  why << "; allowed: " << kPlacesForJournals << "; no journal is kept";
  complain("AXSHIM_DIR", settings.journal_directory, why.view());
  return false;
}

char *map_picture(int fd, uint64_t offset, size_t size) {
  const long where = sys::call(SYS_mmap, 0, static_cast<long>(size), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
                               static_cast<long>(offset));
  if (sys::failed(where)) return nullptr;
  // A child that is forked before this has a mapping of which nothing that it knows of tells.
  if (sys::call(SYS_madvise, where, static_cast<long>(size), MADV_DONTFORK) == 0)
    return reinterpret_cast<char *>(where);
  sys::call(SYS_munmap, where, static_cast<long>(size));
  return nullptr;
}

void describe(JournalRegion &region, uint64_t address, uint64_t offset, size_t size, uint64_t segment) {
  region.address = address;
  region.offset = offset;
  region.segment = segment;
  region.size.store(size, std::memory_order_release);
}

void describe(JournalRegion &region, const void *start, uint64_t offset, size_t size, uint64_t segment) {
  describe(region, reinterpret_cast<uint64_t>(start), offset, size, segment);
}

bool extend_file(JournalHeader &own, void *start, size_t size, uint64_t segment) {
  if (!has_picture()) return false;
  const uint64_t slot = own.regions.fetch_add(1);
  if (slot >= kMostRegions) return false;
  const int fd = own_file::reopen();
  if (fd < 0) return false;
  const uint64_t offset = own.size.fetch_add(size);
  long error;
  char *drawn = own_file::reserve(fd, offset, size, error) ? map_picture(fd, offset, size) : nullptr;
  sys::close(fd);
  if (drawn == nullptr) return false;
  mapped[slot + 1] = {drawn, size};
  pictures[slot] = drawn;
  describe(picture->region[slot], start, offset, size, segment);
  describe(own.region[slot], start, offset, size, segment);
  return true;
}

// Where that memory is drawn; null where it is not.
char *picture_of(const JournalHeader &own, const void *memory, size_t size) {
  const uint64_t at = reinterpret_cast<uint64_t>(memory);
  const uint64_t count = std::min<uint64_t>(own.regions.load(std::memory_order_relaxed), kMostRegions);
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t whole = own.region[i].size.load(std::memory_order_acquire);
    const uint64_t begin = at - own.region[i].address;
    if (begin < whole && size <= whole - begin) return pictures[i] + begin;
  }
  return nullptr;
}

void draw(const JournalHeader &own, const void *memory, size_t size) {
  char *const drawn = size > 0 ? picture_of(own, memory, size) : nullptr;
  if (drawn != nullptr) memcpy(drawn, memory, size);
}

void draw_texts(const JournalHeader &own, const Entry &entry, State state) {
  if (is_declared(entry)) {
    const Declared &declared = *entry.declared;
    draw(own, &declared, sizeof declared);
    for (const std::string_view *text :
         {&declared.name, &declared.argument, &declared.text, &declared.directory})
      draw(own, text->data(), text->size());
  } else if (entry.source == Source::api && (entry.flags & (kNamed | kNamedByCode)) != 0) {
    draw(own, entry.block, sizeof *entry.block + entry.block->capacity);
  }
  if (state >= State::failed && state <= State::interrupted && entry.error != nullptr)
    draw(own, entry.error, strlen(entry.error) + 1);
}

// Its state comes last.
void draw_entry(const JournalHeader &own, const Entry &entry, State state) {
  static_assert(offsetof(Entry, state) == 0 && sizeof entry.state == 1);
  auto *drawn = reinterpret_cast<Entry *>(picture_of(own, &entry, sizeof entry));
  if (drawn == nullptr) return;
  if (state != State::cancelled) {
    if (state != State::running) draw_texts(own, entry, state);
    memcpy(reinterpret_cast<char *>(drawn) + 1, reinterpret_cast<const char *>(&entry) + 1, sizeof entry - 1);
  }
  drawn->state.store(state, std::memory_order_release);
}

// Another thread may add one meanwhile: the newest is what stays.
void draw_newest_module(const JournalHeader &own) {
  JournalHeader &drawn = *picture;
  const JournalModule *newest;
  do {
    drawn.modules = newest = own.modules.load();
  } while (own.modules.load() != newest);
}

void forget_file() {
  is_own = nullptr;
  header = nullptr;
  left = nullptr;
}

// True where it concerns a child of the process that registered it.
bool passes_to_children(const Entry &entry) {
  if (entry.generation == process.generation) return true;
  if (is_declared(entry)) return entry.declared->children || entry.declared->daemon;
  return entry.source == Source::api && (entry.flags & AXSHIM_CHILDREN) != 0;
}

// All that is there, into the new file.
bool draw_all(JournalHeader &own, int fd) {
  char *const drawn = map_picture(fd, 0, own.size);
  if (drawn == nullptr) return false;
  mapped[0] = {drawn, own.size};
  for (size_t i = 0; i < kMostRegions; ++i)
    if (own.region[i].size != 0) pictures[i] = drawn + own.region[i].offset;
  memcpy(drawn, static_cast<const void *>(&own), sizeof own);
  picture = reinterpret_cast<JournalHeader *>(drawn);
  for (const JournalModule *module = own.modules; module != nullptr; module = module->older)
    draw(own, module, sizeof *module + strlen(module->path) + 1);
  for (size_t i = 0, count = registry::size(); i < count; ++i) {
    const Entry &entry = registry::at(i);
    const State state = entry.state.load(std::memory_order_acquire);
    if (state != State::free && state != State::cancelled && passes_to_children(entry))
      draw_entry(own, entry, state);
  }
  return true;
}

// In a page that the kernel clears in a child.
struct Flags {
  bool is_own;
  std::atomic<bool> is_being_made;
};

Flags *flags_of(const bool *own) { return reinterpret_cast<Flags *>(const_cast<bool *>(own)); }

bool make_flags() {
  void *page = map_pages(kPage);
  if (page == nullptr || sys::call(SYS_madvise, sys::arg(page), kPage, MADV_WIPEONFORK) != 0) return false;
  is_own = &(new (page) Flags{})->is_own;
  return true;
}

// What went wrong, and -errno.
struct Failure {
  const char *what = nullptr;
  long error = 0;
};

// A file of that name, with all that is in the registry.
Failure make_file(JournalHeader &own) {
  Failure failure;
  const int fd = own_file::create(own.size, &failure.what);
  if (fd < 0) return {failure.what, fd};
  const bool is_drawn = draw_all(own, fd);
  sys::close(fd);
  if (is_drawn) return {};
  own_file::discard();
  return {"no room for a copy", -ENOMEM};
}

Failure give_name() {
  const int error = own_file::take_place();
  return error == 0 ? Failure{} : Failure{"cannot rename a file", error};
}

Failure make_own(JournalHeader &own) {
  std::fill(std::begin(mapped), std::end(mapped), Mapping{});
  if (!own_file::identify(own) || !own_file::name(own)) return {"not usable", -ENOENT};
  own.end = JournalEnd::none;
  if (own.daemon_entries != DaemonEntries::taken) own.daemon_entries = DaemonEntries::not_own;
  const Failure failure = make_file(own);
  return failure.what == nullptr ? give_name() : failure;
}

// What the image before this one has left under the name is this one's to do, file or not.
void begin_without(const Failure &failure) {
  forget_file();
  own_file::remove();
  complain_of_it(failure.what, failure.error);
}

}  // namespace

bool is_kept() { return header.load() != nullptr || left != nullptr; }

void begin() {
  if (settings.journal_directory.empty()) return;
  char name[4096];
  Text(name) << settings.journal_directory;
  if (!is_recovered_from(name)) return;
  // The first arena is small: for the modules of most programs, and no more pages to be had for each start.
  void *memory = map_pages(kJournalHeaderSize + kPage);
  if (memory == nullptr) return complain_of_it("no memory", -ENOMEM);
  auto *own = new (memory) JournalHeader{};
  own_file::identify_machine(*own);
  if (!own_file::identify(*own)) return complain_of_it("/proc is not to be read", -ENOENT);
  if (!own_file::name(*own)) return complain_of_it("not usable", -ENAMETOOLONG);
  memcpy(own->magic, kJournalMagic, sizeof kJournalMagic);
  own->version = kJournalVersion;
  own->entry_size = sizeof(Entry);
  own->timeout_ns = settings.timeout_ns;
  utsname names;
  if (sys::call(SYS_uname, sys::arg(&names)) == 0) Text(own->host) << names.nodename;
  Text(own->program) << process.program;
  const long exe_size = sys::call(SYS_readlinkat, AT_FDCWD, sys::arg("/proc/self/exe"), sys::arg(own->exe),
                                  sizeof own->exe - 1);
  if (exe_size < 0) own->exe[0] = '\0';
  const registry::Segment entries = registry::first_segment();
  void *arena = static_cast<char *>(memory) + kJournalHeaderSize;
  const size_t arena_at = kJournalHeaderSize + entries.size;
  describe(own->region[0], entries.start, kJournalHeaderSize, entries.size, 0);
  describe(own->region[1], arena, arena_at, kPage, kNoSegment);
  own->regions = 2;
  own->size = arena_at + kPage;
  const Failure failure = make_file(*own);
  if (failure.what != nullptr) return begin_without(failure);
  if (!make_flags()) return begin_without({"no memory", -ENOMEM});
  registry::allocate_from(arena, kPage);
  header = own;
  flags_of(is_own)->is_own = true;
}

void take_place() {
  if (header.load() == nullptr) return;
  const Failure failure = give_name();
  if (failure.what != nullptr) begin_without(failure);
}

void *map(size_t size, uint64_t segment) {
  void *start = map_pages(size);
  JournalHeader *const own = header;
  if (own == nullptr || start == nullptr || extend_file(*own, start, size, segment)) return start;
  if (!has_picture() || own->incomplete.exchange(1) != 0) return start;
  picture->incomplete = 1;
  complain("AXSHIM_DIR", settings.journal_directory, "no room for more; the journal is not complete");
  return start;
}

void unmap(void *start, size_t size) {
  JournalHeader *const own = header;
  for (size_t i = 0; own != nullptr && i < kMostRegions; ++i) {
    if (own->region[i].address != reinterpret_cast<uint64_t>(start) || own->region[i].size == 0) continue;
    own->region[i].size = 0;
    if (has_picture()) picture->region[i].size = 0;
  }
  unmap_pages(start, size);
}

void draw(const Entry &entry, State state) {
  const JournalHeader *const own = header;
  if (own != nullptr) draw_entry(*own, entry, state);
}

void hand_over(unsigned uid) {
  if (header.load() != nullptr && has_picture() && !process.quiet) own_file::hand_over(uid);
}

void leave() {
  JournalHeader *const own = header;
  if (own == nullptr || !has_picture()) return;
  set(*own, &JournalHeader::incomplete, 1U);
  left = own;
  header = nullptr;
}

// Signals are blocked, so whoever is at it is at work: another thread waits for it, and a handler never has
// to.
void follow_fork() {
  const bool *const shown = is_own;
  JournalHeader *const own = header;
  if (shown == nullptr) return;
  if (own == nullptr || process.quiet) return forget_file();
  Flags &flags = *flags_of(shown);
  Failure failure;
  uint64_t before;
  sys::change_mask(SIG_SETMASK, sys::kAllSignals & ~sys::fault_signals(), &before);
  while (flags.is_being_made.exchange(true)) sys::call(SYS_sched_yield);
  if (flags.is_own) {
    set(*own, &JournalHeader::generation, process.generation);  // a signal handler was faster
  } else {
    failure = make_own(*own);
    flags.is_own = true;
    if (failure.what != nullptr) forget_file();
  }
  flags.is_being_made = false;
  sys::change_mask(SIG_SETMASK, before);
  if (failure.what != nullptr) complain_of_it(failure.what, failure.error);
}

// It inherits as any child does.
void follow_unseen_fork() {
  if (!process.quiet && sys::getpid() != process.pid) ++process.generation;
  follow_fork();
}

void note_modules(const void *function, const void *registered_by) {
  JournalHeader *const own = header;
  if (own == nullptr) return;
  note_module(*own, function);
  note_module(*own, registered_by);
  if (has_picture() && picture->modules.load() != own->modules.load()) draw_newest_module(*own);
}

void draw_module(const JournalHeader &own, const JournalModule &module) {
  if (has_picture()) draw(own, &module, sizeof module + strlen(module.path) + 1);
}

void begin_end(const Cause &cause) {
  JournalHeader *const own = header;
  if (own == nullptr) return;
  set(*own, &JournalHeader::kind, static_cast<uint32_t>(cause.end));
  set(*own, &JournalHeader::status, cause.signal != 0 ? cause.signal : cause.status);
  set(*own, &JournalHeader::out_of_reach, uint32_t{cause.out_of_reach});
  set(*own, &JournalHeader::end, cause.end == End::exec ? JournalEnd::exec : JournalEnd::begun);
}

void finish_end(bool clean) {
  JournalHeader *const own = header.load() != nullptr ? header.load() : left;
  if (own == nullptr || !has_picture() || own->pid != process.pid || own->end >= JournalEnd::clean) return;
  set(*own, &JournalHeader::end, clean ? JournalEnd::clean : JournalEnd::written);
  if (clean && !process.quiet) own_file::remove();
}

void take_end_back() {
  JournalHeader *const own = header;
  if (own != nullptr) set(*own, &JournalHeader::end, JournalEnd::none);
}

void note_daemon_entries(DaemonEntries entries) {
  JournalHeader *const own = header;
  if (own == nullptr) return;
  if (entries == DaemonEntries::declared) set(*own, &JournalHeader::family, own->pid);
  set(*own, &JournalHeader::daemon_entries, entries);
}

bool replace_lost(const void *address) {
  const char *at = static_cast<const char *>(address);
  const bool is_in_it = std::any_of(std::begin(mapped), std::end(mapped), [at](const Mapping &mapping) {
    return at >= mapping.start && at < mapping.start + mapping.size;
  });
  const bool *const own = is_own;
  if (!is_in_it || own == nullptr || (!*own && !flags_of(own)->is_being_made)) return false;
  forget_file();
  for (const Mapping &mapping : mapped) {
    if (mapping.size == 0) continue;
    sys::call(SYS_mmap, sys::arg(mapping.start), static_cast<long>(mapping.size), PROT_READ | PROT_WRITE,
              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
  }
  return true;
}

}  // namespace axshim::journal
