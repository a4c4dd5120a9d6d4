#include "record/journal.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/utsname.h>

#include <algorithm>
#include <iterator>

#include "base/pages.h"
#include "base/real.h"
#include "base/sys.h"
#include "process.h"
#include "record/journal_modules.h"
#include "record/own_file.h"
#include "settings.h"

namespace axshim::journal {

constinit const bool *is_own = nullptr;

namespace {

// Null without one. Volatile: in the midst of a function it becomes null where somebody cut the file, so each
// looks once.
constinit JournalHeader *volatile header = nullptr;
constinit JournalHeader *left = nullptr;  // by leave(): only the end is written there

// What is mapped, where a cut file can't hide it.
struct Mapping {
  char *start;
  size_t size;
};
constinit Mapping mapped[kMostRegions + 1] = {};

void complain_of_it(const char *what, long error) {
  char buffer[256];
  Text why(buffer);
  why << what << ": " << libc::strerrordesc_np(static_cast<int>(-error)) << "; no journal is kept";
  complain("AXSHIM_DIR", settings.journal_directory, why.view());
}

// Only who may write there could plant a journal, which is a planted command.
bool is_trusted(const struct stat &status) {
  const bool foreign = status.st_uid != 0 && status.st_uid != static_cast<uid_t>(sys::call(SYS_geteuid));
  const bool open_to_others = (status.st_mode & 022) != 0 && (status.st_mode & S_ISVTX) == 0;
  return !foreign && !open_to_others;
}

void *map_file(int fd, uint64_t offset, size_t size, void *at = nullptr, int flags = MAP_SHARED) {
  const long where = sys::call(SYS_mmap, sys::arg(at), static_cast<long>(size), PROT_READ | PROT_WRITE,
                               flags | (at != nullptr ? MAP_FIXED : 0), fd, static_cast<long>(offset));
  return sys::failed(where) ? nullptr : reinterpret_cast<void *>(where);
}

void describe(JournalRegion &region, void *start, uint64_t offset, size_t size, uint64_t segment) {
  region.address = reinterpret_cast<uint64_t>(start);
  region.offset = offset;
  region.segment = segment;
  region.size.store(size, std::memory_order_release);
}

void *map_in_file(size_t size, uint64_t segment) {
  JournalHeader &file = *header;
  const uint64_t slot = file.regions.fetch_add(1);
  if (slot >= kMostRegions) return nullptr;
  const int fd = own_file::reopen();
  if (fd < 0) return nullptr;
  const uint64_t offset = file.size.fetch_add(size);
  long error;
  void *start = own_file::reserve(fd, offset, size, error) ? map_file(fd, offset, size) : nullptr;
  sys::close(fd);
  if (start == nullptr) return nullptr;
  describe(file.region[slot], start, offset, size, segment);
  mapped[slot] = {static_cast<char *>(start), size};
  return start;
}

// Memory that fill(memory) fills takes the place of what is mapped there.
template <class Fill>
void replace_by_memory(void *start, size_t size, Fill fill) {
  void *memory = map_pages(size);
  if (memory == nullptr) return;
  fill(memory);
  sys::call(SYS_mremap, sys::arg(memory), static_cast<long>(size), static_cast<long>(size),
            MREMAP_MAYMOVE | MREMAP_FIXED, sys::arg(start));
}

void *memory_of(const JournalRegion &region) { return reinterpret_cast<void *>(region.address); }

size_t used_in(const JournalRegion &region) {
  return region.segment != kNoSegment ? registry::used_bytes(region.segment)
                                      : registry::used_bytes(memory_of(region));
}

// All that was true at a fork; shared with nobody.
struct Snapshot {
  size_t size;
  JournalHeader header;
  size_t used[kMostRegions];
  char bytes[];  // those of the regions, one behind the other
};
constinit Snapshot *snapshot = nullptr;

void take_snapshot() {
  const JournalHeader &file = *header;
  size_t size = sizeof(Snapshot), used[kMostRegions] = {};
  for (size_t i = 0; i < kMostRegions; ++i) {
    if (file.region[i].size.load(std::memory_order_acquire) != 0) used[i] = used_in(file.region[i]);
    size += used[i];
  }
  snapshot = static_cast<Snapshot *>(map_pages(size));
  if (snapshot == nullptr) return;
  snapshot->size = size;
  memcpy(static_cast<void *>(&snapshot->header), &file, sizeof file);
  memcpy(snapshot->used, used, sizeof used);
  char *next = snapshot->bytes;
  for (size_t i = 0; i < kMostRegions; ++i) {
    memcpy(next, memory_of(file.region[i]), used[i]);
    next += used[i];
  }
}

void drop_snapshot() {
  if (snapshot != nullptr) unmap_pages(snapshot, snapshot->size);
  snapshot = nullptr;
}

template <class Visit>
void each_region_of_snapshot(Visit visit) {
  const char *next = snapshot->bytes;
  for (size_t i = 0; i < kMostRegions; ++i) {
    const JournalRegion &region = snapshot->header.region[i];
    if (region.size != 0) visit(region, next, snapshot->used[i]);
    next += snapshot->used[i];
  }
}

bool write_all(int fd, const void *bytes, size_t size, uint64_t offset) {
  return sys::call(SYS_pwrite64, fd, sys::arg(bytes), static_cast<long>(size), static_cast<long>(offset)) ==
         static_cast<long>(size);
}

// The file holds the snapshot, and is mapped in place of the parent's.
bool move_to(int fd) {
  bool done = write_all(fd, &snapshot->header, sizeof snapshot->header, 0);
  each_region_of_snapshot([&](const JournalRegion &region, const char *bytes, size_t used) {
    done = done && write_all(fd, bytes, used, region.offset);
  });
  if (!done) return false;
  each_region_of_snapshot([&](const JournalRegion &region, const char *, size_t) {
    done = done && map_file(fd, region.offset, region.size, memory_of(region)) != nullptr;
  });
  return done && map_file(fd, 0, kJournalHeaderSize, header) != nullptr;
}

void forget_file() {
  header = nullptr;
  is_own = nullptr;
  std::fill(std::begin(mapped), std::end(mapped), Mapping{});
}

// Memory with what the snapshot holds takes the place of the parent's file.
void move_to_memory() {
  each_region_of_snapshot([](const JournalRegion &region, const char *bytes, size_t used) {
    replace_by_memory(memory_of(region), region.size, [&](void *memory) { memcpy(memory, bytes, used); });
  });
  forget_file();
}

// Where there is no memory to move to, the parent's file serves, copied by the kernel as each page is
// touched.
void move_to_copy() {
  const int fd = own_file::reopen();
  for (size_t i = 0; fd >= 0 && i < std::size(mapped); ++i) {
    if (mapped[i].size == 0) continue;
    const JournalRegion &region = header->region[i];
    map_file(fd, i == 0 ? 0 : region.offset, mapped[i].size, mapped[i].start, MAP_PRIVATE);
    const size_t used = i == 0 ? mapped[i].size : used_in(region);
    for (size_t at = 0; at < used; at += kPage) {
      volatile char &page = mapped[i].start[at];
      page = page;
    }
  }
  if (fd >= 0) sys::close(fd);
  forget_file();
}

bool make_flag() {
  auto *flag = static_cast<bool *>(map_pages(kPage));
  if (flag == nullptr || sys::call(SYS_madvise, sys::arg(flag), kPage, MADV_WIPEONFORK) != 0) return false;
  *flag = true;
  is_own = flag;
  return true;
}

}  // namespace

bool is_kept() { return header != nullptr || left != nullptr; }

void begin() {
  if (settings.journal_directory.empty()) return;
  char name[4096];
  Text(name) << settings.journal_directory;
  struct stat status = {};
  const int found = sys::fstatat(AT_FDCWD, name, &status, 0);
  if (found != 0) return complain_of_it("cannot look at it", found);
  if (!S_ISDIR(status.st_mode)) return complain_of_it("not usable", -ENOTDIR);
  if (!is_trusted(status))
    return complain(
        "AXSHIM_DIR", settings.journal_directory,
        "others can write it; allowed: a directory that only its owner, you or root, can write; no "
        "journal is kept");
  JournalHeader facts = {};
  own_file::identify_machine(facts);
  if (!own_file::identify(facts)) return complain_of_it("/proc is not to be read", -ENOENT);
  if (!own_file::name(facts)) return complain_of_it("not usable", -ENAMETOOLONG);
  // The first arena is small: for the modules of most programs, and no more pages to be had for each start.
  const size_t arena_at = kJournalHeaderSize + registry::first_segment_size(), size = arena_at + kPage;
  const char *what;
  const int fd = own_file::create(size, &what);
  if (fd < 0) return complain_of_it(what, fd);
  char *start = static_cast<char *>(map_file(fd, 0, size));
  sys::close(fd);
  if (start == nullptr || !make_flag()) return complain_of_it("cannot map a file", -ENOMEM);
  auto *fresh = new (start) JournalHeader;
  memcpy(static_cast<void *>(fresh), &facts, sizeof facts);
  memcpy(fresh->magic, kJournalMagic, sizeof kJournalMagic);
  fresh->version = kJournalVersion;
  fresh->entry_size = sizeof(Entry);
  fresh->timeout_ns = settings.timeout_ns;
  utsname names;
  if (sys::call(SYS_uname, sys::arg(&names)) == 0) Text(fresh->host) << names.nodename;
  Text(fresh->program) << process.program;
  const long exe_size = sys::call(SYS_readlinkat, AT_FDCWD, sys::arg("/proc/self/exe"), sys::arg(fresh->exe),
                                  sizeof fresh->exe - 1);
  if (exe_size < 0) fresh->exe[0] = '\0';
  fresh->size = size;
  char *entries = start + kJournalHeaderSize, *arena = start + arena_at;
  describe(fresh->region[0], entries, kJournalHeaderSize, registry::first_segment_size(), 0);
  describe(fresh->region[1], arena, arena_at, kPage, kNoSegment);
  fresh->regions = 2;
  mapped[0] = {start, size};  // all of it
  header = fresh;
  registry::live_in(entries, arena, kPage);
}

void *map(size_t size, uint64_t segment) {
  if (header == nullptr) return map_pages(size);
  JournalHeader &file = *header;
  if (void *start = map_in_file(size, segment)) return start;
  if (file.incomplete.exchange(1) == 0)
    complain("AXSHIM_DIR", settings.journal_directory, "no room for more; the journal is not complete");
  return map_pages(size);
}

void unmap(void *start, size_t size) {
  if (header != nullptr) {
    for (JournalRegion &region : header->region)
      if (memory_of(region) == start) region.size = 0;
  }
  for (Mapping &mapping : mapped)
    if (mapping.start == start) mapping = {};
  unmap_pages(start, size);
}

void leave() {
  if (header == nullptr || !*is_own) return;
  JournalHeader *const file = header;
  take_snapshot();
  if (snapshot == nullptr) return;
  move_to_memory();
  drop_snapshot();
  file->incomplete = 1;
  left = file;
}

void before_fork() {
  if (header != nullptr) take_snapshot();
}

void after_fork_in_parent() { drop_snapshot(); }

void follow_fork() {
  if (header == nullptr) return;
  *const_cast<bool *>(is_own) = true;
  if (snapshot == nullptr) take_snapshot();
  if (snapshot == nullptr) {
    complain_of_it("no room for a copy", -ENOMEM);
    return move_to_copy();
  }
  JournalHeader &own = snapshot->header;
  const bool is_known = own_file::identify(own);
  own.end = JournalEnd::none;
  if (own.daemon_entries != DaemonEntries::taken) own.daemon_entries = DaemonEntries::not_own;
  const char *what = "not usable";
  const int fd = is_known && own_file::name(own) ? own_file::create(own.size, &what) : -ENOENT;
  if (fd < 0 || !move_to(fd)) {
    complain_of_it(what, fd < 0 ? fd : -EIO);
    move_to_memory();
  }
  if (fd >= 0) sys::close(fd);
  drop_snapshot();
}

void note_modules(const void *function, const void *registered_by) {
  if (header == nullptr) return;
  JournalHeader &file = *header;
  note_module(file, function);
  note_module(file, registered_by);
}

void begin_end(const Cause &cause) {
  if (header == nullptr) return;
  JournalHeader &file = *header;
  file.kind = static_cast<uint32_t>(cause.end);
  file.status = cause.signal != 0 ? cause.signal : cause.status;
  file.end = cause.end == End::exec ? JournalEnd::exec : JournalEnd::begun;
}

void finish_end(bool clean) {
  JournalHeader *const file = header != nullptr ? header : left;
  if (file == nullptr || file->pid != process.pid || file->end >= JournalEnd::clean) return;
  file->end = clean ? JournalEnd::clean : JournalEnd::written;
  if (clean && !process.quiet) own_file::remove();
}

void take_end_back() {
  if (header != nullptr) header->end = JournalEnd::none;
}

void note_daemon_entries(DaemonEntries entries) {
  if (header == nullptr) return;
  JournalHeader &file = *header;
  if (entries == DaemonEntries::declared) file.family = file.pid;
  file.daemon_entries = entries;
}

bool replace_lost(const void *address) {
  const char *at = static_cast<const char *>(address);
  const bool is_in_it = std::any_of(std::begin(mapped), std::end(mapped), [at](const Mapping &mapping) {
    return at >= mapping.start && at < mapping.start + mapping.size;
  });
  if (!is_in_it) return false;
  header = nullptr;
  is_own = nullptr;
  for (Mapping &mapping : mapped) {
    if (mapping.size == 0) continue;
    // With what the file still holds: the system call stops where a look would be a SIGBUS.
    replace_by_memory(mapping.start, mapping.size, [&](void *memory) {
      const iovec to = {memory, mapping.size}, from = {mapping.start, mapping.size};
      sys::call(SYS_process_vm_readv, sys::getpid(), sys::arg(&to), 1, sys::arg(&from), 1, 0);
    });
    mapping = {};
  }
  return true;
}

}  // namespace axshim::journal
