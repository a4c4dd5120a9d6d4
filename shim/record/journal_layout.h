// How a journal lies in its file: a header, and behind it pictures of the registry's memory, in the order in
// which it was mapped. Pointers in it are addresses of the process that wrote it; the regions tell where in
// the file that memory is.
#pragma once

#include <stdint.h>
#include <time.h>

#include <atomic>

#include "cleanup/registry.h"

namespace axshim {

inline constexpr char kJournalMagic[8] = {'a', 'x', 's', 'h', 'i', 'm', 'J', '\n'};
inline constexpr uint32_t kJournalVersion = 2;
inline constexpr const char *kJournalSuffix = ".axshim";
// PID-START-NAMESPACE-BOOT-MACHINE: one that its process has not finished yet. No journal: nothing in it
// counts.
inline constexpr const char *kAsideSuffix = ".axshim-new";

struct JournalRegion {
  uint64_t address;
  uint64_t offset;
  std::atomic<uint64_t> size;  // written last; 0: there is none
  uint64_t segment;            // it holds entries: the number of the segment, or kNoSegment
};
inline constexpr uint64_t kNoSegment = ~uint64_t{0};
inline constexpr size_t kMostRegions = 96;

// A loaded object in which a function of an entry lies. They are chained, newest first.
struct JournalModule {
  const JournalModule *older;
  uintptr_t start;  // of its mapping
  uintptr_t end;
  uintptr_t bias;
  char build_id[65];
  char path[];  // empty for the program itself
};

// What is known of the end while it is under way.
enum class JournalEnd : uint32_t {
  none,     // the process lives, or vanished
  begun,    // it died while it ended
  written,  // there is a record
  clean,    // and nothing was lost
  exec,     // another image took its place
};

// Whether the entries marked @daemon are this process's. A child of one that took them is a daemon in the
// making (the second fork of two), or its worker: they are its too, as far as anybody can tell.
enum class DaemonEntries : uint32_t { not_own, declared, taken };

struct JournalHeader {
  char magic[sizeof kJournalMagic];
  uint32_t version;
  uint32_t entry_size;
  int32_t pid;
  int32_t ppid;
  uint32_t uid;
  uint32_t generation;     // entries of others are inherited
  int64_t start_ticks;     // with the pid, the boot and the namespace: who it is
  uint64_t pid_namespace;  // its inode
  char boot_id[40];
  char machine_id[40];
  timespec started;  // CLOCK_REALTIME
  int64_t timeout_ns;
  char host[65];
  char program[256];
  char exe[4096];
  std::atomic<JournalEnd> end;
  std::atomic<uint32_t> kind;        // of the end: an End
  std::atomic<int32_t> status;       // or the signal
  std::atomic<uint32_t> incomplete;  // 1: there was no room for more
  std::atomic<DaemonEntries> daemon_entries;
  std::atomic<int32_t> family;    // pid of who declared them
  std::atomic<uint64_t> size;     // of the file
  std::atomic<uint64_t> regions;  // claimed
  JournalRegion region[kMostRegions];
  std::atomic<const JournalModule *> modules;
  std::atomic<uint32_t> out_of_reach;  // 1: the image that it became can't have loaded the library
};
inline constexpr size_t kJournalHeaderSize = 12288;
static_assert(sizeof(JournalHeader) <= kJournalHeaderSize);

}  // namespace axshim
