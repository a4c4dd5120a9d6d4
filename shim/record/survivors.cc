#include "record/survivors.h"

#include <dirent.h>
#include <string.h>

#include "base/proc.h"
#include "base/sys.h"
#include "process.h"

namespace axshim {
namespace {

// Calls visit(number) for each entry of the directory whose name is one, until it returns false.
template <class Visit>
void each_number_in(const char *path, Visit visit) {
  const int directory = sys::move_high(sys::open(path, O_RDONLY | O_DIRECTORY));
  if (directory < 0) return;
  alignas(dirent64) char buffer[16 * 1024] = {};
  bool more = true;
  long size;
  while (more && (size = sys::call(SYS_getdents64, directory, sys::arg(buffer), sizeof buffer)) > 0) {
    for (long at = 0; more && at < size;) {
      const auto *entry = reinterpret_cast<const dirent64 *>(buffer + at);
      at += entry->d_reclen;
      int number = 0;
      const char *c = entry->d_name;
      for (; *c >= '0' && *c <= '9'; ++c) number = number * 10 + (*c - '0');
      if (*c == '\0') more = visit(number);
    }
  }
  sys::close(directory);
}

}  // namespace

size_t list_threads(Survivor *out, size_t capacity, int ending) {
  size_t count = 0;
  const int self = sys::gettid();
  each_number_in("/proc/self/task", [&](int tid) {
    if (tid == ending || tid == self || tid == process.helper_tid) return true;
    out[count].id = tid;
    Text name(out[count].name);
    append_thread_name(name, tid);
    return ++count < capacity;
  });
  return count;
}

// Not all kernels list a process's children. So all processes are looked at, but only where there is a child.
size_t list_children(Survivor *out, size_t capacity) {
  size_t count = 0;
  if (!has_child()) return 0;
  each_number_in("/proc", [&](int pid) {
    ProcessState state;
    if (!read_state(pid, state) || state.parent != process.pid || state.state == 'Z') return true;
    out[count].id = pid;
    Text(out[count].name) << state.name;
    return ++count < capacity;
  });
  return count;
}

}  // namespace axshim
