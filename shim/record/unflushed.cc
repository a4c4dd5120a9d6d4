#include "record/unflushed.h"

#include <linux/futex.h>
#include <string.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <iterator>

#include "base/fault_guard.h"
#include "base/pages.h"
#include "base/real.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/write_signals.h"
#include "process.h"
#include "record/pieces.h"
#include "record/symbols.h"

namespace axshim {
namespace {

constexpr int kMagic = static_cast<int>(0xfbad0000);  // upper half of every stream's flags
constexpr int kAppends = 0x1000;                      // flag of a stream that was opened to append
constexpr int kMostStreams = 100'000;                 // a list torn by another thread may run in a circle

// Where libc's list of streams begins; nullptr where this is another libc.
FILE **stream_list() {
  static constinit std::atomic<FILE **> list{nullptr};
  FILE **found = list.load(std::memory_order_relaxed);
  if (found == nullptr)
    list.store(found = static_cast<FILE **>(find_in_libc("_IO_list_all")), std::memory_order_relaxed);
  return found;
}

// The three at the end of the list are libc's own, beside it, and always there.
bool is_standard(const FILE *stream) {
  const uintptr_t distance = reinterpret_cast<uintptr_t>(stream) - reinterpret_cast<uintptr_t>(stream_list());
  return distance + kPage < 2 * kPage;
}

FILE *first_stream() {
  if (process.quiet) return static_cast<FILE *>(find_in_libc("_IO_2_1_stderr_"));
  return stream_list() != nullptr ? *stream_list() : nullptr;
}

// Whether what is at most a page long can be read. The kernel says so: it looks at the word before it wakes
// none of those who wait for it.
bool is_readable(const void *start, size_t size) {
  if (process.quiet) return false;
  const auto probe = [](uintptr_t at) {
    const long word = static_cast<long>(at);
    return sys::call(SYS_futex, word, FUTEX_CMP_REQUEUE_PRIVATE, 0, 0, word, 0) != -EFAULT;
  };
  const uintptr_t at = reinterpret_cast<uintptr_t>(start);
  const uintptr_t first = at & ~uintptr_t{3};
  const uintptr_t last = (at + std::max<size_t>(size, 4) - 4) & ~uintptr_t{3};
  return probe(first) && (first / kPage == last / kPage || probe(last));
}

bool is_stream(const FILE *at) {
  constexpr size_t kSize = offsetof(FILE, _mode) + sizeof at->_mode;
  return (is_standard(at) || is_readable(at, kSize)) && (at->_flags & ~0xffff) == kMagic;
}

// Calls visit(stream) in the order in which libc flushes them, until it returns true.
template <class Visit>
void any_stream(Visit visit) {
  int left = kMostStreams;
  for (FILE *stream = first_stream(); stream != nullptr && left-- > 0; stream = stream->_chain)
    if (!is_stream(stream) || visit(stream)) return;
}

size_t pending_bytes(FILE *stream) {
  if (stream->_mode > 0)
    return is_standard(stream) || is_readable(stream->_wide_data, 5 * sizeof(wchar_t *))
               ? libc::__fpending(stream)
               : 0;
  const char *start = stream->_IO_write_base, *end = stream->_IO_write_ptr;
  const bool sound = stream->_IO_buf_base <= start && end <= stream->_IO_buf_end;
  return sound && start < end ? static_cast<size_t>(end - start) : 0;
}

// What a stream held when this process was forked.
struct Inherited {
  const FILE *stream;
  size_t bytes;
  uint64_t hash;
};
constinit Inherited inherited[32] = {};
size_t inherited_count = 0;
bool rest_is_inherited = false;  // there were more

// Of one page at most, so that a large buffer does not slow down fork.
uint64_t hash_pending(const FILE *stream, size_t bytes) {
  const char *at = stream->_IO_write_base;
  size_t left = std::min(bytes, kPage);
  if (stream->_mode > 0 || !is_readable(at, left)) return 0;
  uint64_t hash = 0;
  const auto add = [&hash](uint64_t word) { hash = ((hash << 5 | hash >> 59) ^ word) * 0x9e3779b97f4a7c15; };
  for (uint64_t word; left >= sizeof word; left -= sizeof word, at += sizeof word) {
    __builtin_memcpy(&word, at, sizeof word);
    add(word);
  }
  for (; left > 0; --left) add(static_cast<unsigned char>(*at++));
  return hash;
}

// How many of the pending bytes, the first ones, are the parent's.
size_t inherited_bytes(const FILE *stream, size_t pending) {
  for (size_t i = 0; i < inherited_count; ++i) {
    const Inherited &was = inherited[i];
    if (was.stream == stream)
      return pending >= was.bytes && hash_pending(stream, was.bytes) == was.hash ? was.bytes : 0;
  }
  return rest_is_inherited ? pending : 0;
}

size_t own_bytes(FILE *stream) {
  const size_t pending = pending_bytes(stream);
  return pending == 0 ? 0 : pending - inherited_bytes(stream, pending);
}

// A stream's lock, as far as it is the same in all versions of libc.
struct Lock {
  std::atomic<int> state;  // 0: free, 1: taken, 2: taken and waited for
  int depth;
  std::atomic<const void *> owner;
};
constexpr char kUs = 0;  // its address owns the locks that we took

Lock *lock_of(FILE *stream) { return static_cast<Lock *>(stream->_lock); }
bool is_locked(FILE *stream) { return lock_of(stream) != nullptr && lock_of(stream)->state != 0; }

// A thread in a printf is out of it soon. One that was interrupted there, or that waits in a write, is not.
bool take_lock(FILE *stream) {
  Lock *lock = lock_of(stream);
  if (lock == nullptr) return true;
  for (int attempt = 0; attempt < 20; ++attempt) {
    int free = 0;
    if (lock->state.compare_exchange_strong(free, 1)) {
      lock->owner = &kUs;
      return true;
    }
    const timespec moment = {0, 50'000};
    sys::call(SYS_ppoll, 0, 0, sys::arg(&moment), 0, 8);
  }
  return false;
}

// Whether this thread is where stdio writes a buffer out: all ways there lead through one of these.
bool is_flushing(const Context &where) {
  if (process.quiet) return false;
  Frame frames[32];
  const size_t count = unwind(where, frames, std::size(frames));
  for (const char *function : {"_IO_do_write", "_IO_file_overflow"}) {
    const uintptr_t start = reinterpret_cast<uintptr_t>(find_in_libc(function));
    for (size_t i = 0; i < count; ++i)
      if (frames[i].pc - start < kPage && address_in_function(frames[i].pc - 1, "libc.so", function))
        return true;
  }
  return false;
}

// putc without a lock moves the pointer first and stores the byte then: whether a signal came in between
// shows in the address that a register holds.
bool is_last_byte_due(const FILE *stream, const Context &where) {
  constexpr size_t kRegisters = 32;
  uintptr_t registers[kRegisters];
  __builtin_memcpy(registers, where.registers, sizeof registers);
  const uintptr_t last = reinterpret_cast<uintptr_t>(stream->_IO_write_ptr) - 1;
  return where.exact && std::find(registers, registers + kRegisters, last) != registers + kRegisters;
}

void describe(FILE *stream, size_t bytes, UnflushedStream &found) {
  found.stream = stream;
  found.fd = std::max(stream->_fileno, -1);
  found.bytes = bytes;
  found.rescued = 0;
  found.busy = is_locked(stream);
  found.interrupted = found.last_byte_due = false;
  found.target[0] = '\0';
  if (found.fd < 0 || process.quiet) return;
  char path[40];
  (Text(path) << "/proc/thread-self/fd/").dec(found.fd);
  const long size =
      sys::call(SYS_readlinkat, AT_FDCWD, sys::arg(path), sys::arg(found.target), sizeof found.target - 1);
  found.target[std::max(size, 0l)] = '\0';
}

// How many bytes went.
size_t write_until(int64_t deadline, int fd, const char *data, size_t size) {
  struct stat status = {};
  if (sys::fstat(fd, &status) != 0) return 0;
  if (!S_ISREG(status.st_mode)) {
    const long result = write_in_pieces(fd, {data, size}, deadline);
    return result > 0 ? static_cast<size_t>(result) : 0;
  }
  size_t written = 0;
  while (written < size) {
    const long result = sys::write(fd, data + written, size - written);
    if (result == -EINTR) continue;
    if (result <= 0) break;
    written += static_cast<size_t>(result);
  }
  return written;
}

void rescue(UnflushedStream &found, int64_t deadline) {
  FILE *stream = found.stream;
  if (found.interrupted || !is_stream(stream) || stream->_fileno < 0 || stream->_mode > 0) return;
  found.busy = !take_lock(stream);
  if (found.busy) return;
  found.bytes = own_bytes(stream);
  if (found.bytes == 0) return;
  char *start = stream->_IO_write_ptr - found.bytes;
  const bool appends = (stream->_flags & kAppends) != 0;
  // After reading, the descriptor is ahead of where the program writes.
  const long ahead = appends ? 0 : stream->_IO_read_end - stream->_IO_write_base;
  if (ahead != 0) {
    if (start != stream->_IO_write_base) return;  // a descriptor that parent and child share: whose place?
    const long offset = sys::call(SYS_lseek, stream->_fileno, -ahead, SEEK_CUR);
    if (sys::failed(offset)) return;
    stream->_offset = offset;
  }
  found.rescued = write_until(deadline, stream->_fileno, start, found.bytes - (found.last_byte_due ? 1 : 0));
  // What is left moves to where a buffer begins after a flush.
  char *base = stream->_IO_buf_base;
  const long before = start - stream->_IO_write_base;
  memmove(base, stream->_IO_write_base, static_cast<size_t>(before));
  memmove(base + before, start + found.rescued, found.bytes - found.rescued);
  stream->_IO_write_ptr = base + before + (found.bytes - found.rescued);
  stream->_IO_read_base = stream->_IO_read_ptr = stream->_IO_read_end = stream->_IO_write_base = base;
  if (appends) stream->_offset = -1;
  if (stream->_offset >= 0) stream->_offset += static_cast<long>(found.rescued);
}

}  // namespace

bool has_unflushed_output() {
  bool found = false;
  any_stream([&found](FILE *stream) { return found = own_bytes(stream) > 0; });
  return found;
}

size_t find_unflushed(UnflushedStream *out, size_t capacity, const Context &where) {
  volatile size_t count = 0;
  volatile bool any_locked = false;
  guarded([&] {
    any_stream([&](FILE *stream) {
      any_locked = any_locked || is_locked(stream);
      const size_t bytes = own_bytes(stream);
      if (bytes == 0) return false;
      if (count < capacity) {
        describe(stream, bytes, out[count]);
        out[count].last_byte_due = is_last_byte_due(stream, where);
      }
      count = count + 1;
      return false;
    });
  });
  const size_t found = count;
  // A locked stream is the one that this thread flushes; where none is it may be any.
  if (found > 0 && !any_locked && is_flushing(where))
    for (size_t i = 0; i < std::min(found, capacity); ++i) out[i].busy = out[i].interrupted = true;
  return found;
}

bool is_flushing_unlocked(const Context &where) {
  volatile bool any_locked = false;
  guarded([&] {
    any_stream([&](FILE *stream) {
      any_locked = is_locked(stream);
      return bool{any_locked};
    });
  });
  return !any_locked && is_flushing(where);
}

void rescue_unflushed(UnflushedStream *streams, size_t count, int64_t deadline) {
  if (process.quiet) return;
  WriteSignalsBlocked signals;
  for (size_t i = 0; i < count; ++i) guarded([&] { rescue(streams[i], deadline); });
}

void unlock_rescued() {
  guarded([] {
    any_stream([](FILE *stream) {
      Lock *lock = lock_of(stream);
      if (lock == nullptr || lock->owner != &kUs) return false;
      lock->owner = nullptr;
      if (lock->state.exchange(0) > 1) sys::call(SYS_futex, sys::arg(&lock->state), FUTEX_WAKE_PRIVATE, 1);
      return false;
    });
  });
}

void look_up_streams() { stream_list(); }

void remember_inherited_output() {
  if (inherited_count > 0) inherited_count = 0;  // no page of the child's own where there is nothing to say
  if (rest_is_inherited) rest_is_inherited = false;
  any_stream([](FILE *stream) {
    const size_t bytes = pending_bytes(stream);
    if (bytes == 0) return false;
    if (inherited_count == std::size(inherited)) return rest_is_inherited = true;
    inherited[inherited_count++] = {stream, bytes, hash_pending(stream, bytes)};
    return false;
  });
}

}  // namespace axshim
