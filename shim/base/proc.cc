#include "base/proc.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/sys.h"
#include "process.h"

namespace axshim {
namespace {

void append_name(Text &out, const char *path) {
  char name[32];
  const size_t size = read_file(path, name, sizeof name);
  out << std::string_view(name, size > 0 && name[size - 1] == '\n' ? size - 1 : size);
}

}  // namespace

size_t read_file(const char *path, char *buffer, size_t size) {
  size_t used = 0;
  const int fd = sys::move_high(sys::open(path, O_RDONLY));
  if (fd >= 0) {
    long got;
    while (used < size - 1 && (got = sys::read(fd, buffer + used, size - 1 - used)) > 0) used += got;
    sys::close(fd);
  }
  buffer[used] = '\0';
  return used;
}

// "pid (name) state parent …"; the name may hold anything, a parenthesis too.
bool read_state(int pid, ProcessState &out) {
  char path[64], stat[1024];
  (Text(path) << "/proc/").dec(pid) << "/stat";
  read_file(path, stat, sizeof stat);
  const char *open = strchr(stat, '('), *close = strrchr(stat, ')');
  if (open == nullptr || close == nullptr || close - stat + 4 >= static_cast<long>(strlen(stat)))
    return false;
  Text(out.name) << std::string_view(open + 1, close - open - 1);
  out.state = close[2];
  out.parent = 0;
  for (const char *c = close + 4; *c >= '0' && *c <= '9'; ++c) out.parent = out.parent * 10 + (*c - '0');
  return true;
}

int64_t start_time_of_self() {
  char stat[1024];
  read_file("/proc/self/stat", stat, sizeof stat);
  const char *at = strrchr(stat, ')');  // the name before it may hold anything
  for (int field = 2; at != nullptr && field < 22; ++field) at = strchr(at + 1, ' ');
  int64_t ticks = 0;
  for (at = at != nullptr ? at + 1 : ""; *at >= '0' && *at <= '9'; ++at) ticks = ticks * 10 + (*at - '0');
  return ticks;
}

void append_process_name(Text &out, int pid) {
  char buffer[64];
  Text path(buffer);
  (path << "/proc/").dec(pid) << "/comm";
  append_name(out, path.c_str());
}

void append_thread_name(Text &out, int tid) {
  char buffer[64];
  Text path(buffer);
  (path << "/proc/self/task/").dec(tid) << "/comm";
  append_name(out, path.c_str());
}

bool is_only_thread() {
  struct stat task = {};  // proc counts a link for each thread, and one each for . and ..
  const nlink_t own = process.has_helper ? 1 : 0;
  return sys::fstatat(AT_FDCWD, "/proc/self/task", &task, 0) == 0 && task.st_nlink <= 3 + own;
}

namespace {

bool look_for_child(siginfo_t &ended) {
  return sys::call(SYS_waitid, P_ALL, 0, sys::arg(&ended), WEXITED | WNOHANG | WNOWAIT | __WALL, 0) == 0;
}

}  // namespace

bool has_child() {
  siginfo_t ended = {};
  return look_for_child(ended);
}

bool has_live_children_only() {
  siginfo_t ended = {};
  return look_for_child(ended) && ended.si_pid == 0;
}

}  // namespace axshim
