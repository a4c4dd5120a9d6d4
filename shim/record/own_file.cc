#include "record/own_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/proc.h"
#include "base/sys.h"
#include "base/write_signals.h"
#include "process.h"
#include "settings.h"

namespace axshim::own_file {
namespace {

char path[4096];
char aside[4096];
bool is_aside = false;
dev_t device;
ino_t inode;

uint64_t own_pid_namespace() {
  struct stat status = {};
  return sys::fstatat(AT_FDCWD, "/proc/self/ns/pid", &status, 0) == 0 ? status.st_ino : 0;
}

void read_line(const char *file, char *out, size_t size) {
  read_file(file, out, size);
  if (char *end = strchr(out, '\n')) *end = '\0';
}

// What has its name already was this process's too, before an exec that came in the middle.
int make() {
  int fd = -EEXIST;
  for (int i = 0; fd == -EEXIST && i < 2; ++i) {
    if (i > 0) discard();
    fd = sys::open(aside, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
  }
  return sys::move_high(fd);
}

}  // namespace

void identify_machine(JournalHeader &it) {
  read_line("/proc/sys/kernel/random/boot_id", it.boot_id, sizeof it.boot_id);
  read_line("/etc/machine-id", it.machine_id, sizeof it.machine_id);
}

bool identify(JournalHeader &it) {
  it.pid = sys::getpid();
  it.ppid = static_cast<int>(sys::call(SYS_getppid));
  it.uid = static_cast<uint32_t>(sys::call(SYS_getuid));
  it.generation = process.generation;
  it.start_ticks = start_time_of_self();
  it.pid_namespace = own_pid_namespace();
  it.started = read_clock(CLOCK_REALTIME);
  return it.start_ticks != 0 && it.pid_namespace != 0 && it.boot_id[0] != '\0';
}

bool name(const JournalHeader &it) {
  Text text(aside, sizeof aside);
  (text << settings.journal_directory << '/').dec(it.pid) << '-';
  text.dec(it.start_ticks) << '-';
  text.dec(static_cast<int64_t>(it.pid_namespace)) << '-' << std::string_view(it.boot_id, 8);
  Text(path, sizeof path) << text.view() << kJournalSuffix;
  text << '-' << std::string_view(it.machine_id, strnlen(it.machine_id, 8)) << kAsideSuffix;
  return !text.truncated();
}

int create(size_t size, const char **what) {
  *what = "cannot make a file";
  const int fd = make();
  if (fd < 0) return fd;
  struct stat status = {};
  long error;
  if (reserve(fd, 0, size, error) && (error = sys::fstat(fd, &status)) == 0) {
    device = status.st_dev;
    inode = status.st_ino;
    is_aside = true;
    return fd;
  }
  *what = "no room for a file";
  sys::close(fd);
  discard();
  return static_cast<int>(error);
}

int take_place() {
  const long error = sys::call(SYS_renameat2, AT_FDCWD, sys::arg(aside), AT_FDCWD, sys::arg(path), 0);
  if (error != 0) discard();
  is_aside = false;
  return static_cast<int>(error);
}

void discard() { sys::call(SYS_unlinkat, AT_FDCWD, sys::arg(aside), 0); }

int reopen() {
  const int fd = sys::move_high(sys::open(is_aside ? aside : path, O_RDWR | O_NOFOLLOW));
  struct stat status = {};
  if (fd < 0 || (sys::fstat(fd, &status) == 0 && status.st_dev == device && status.st_ino == inode))
    return fd;
  sys::close(fd);
  return -ESTALE;
}

void hand_over(unsigned uid) {
  sys::call(SYS_fchownat, AT_FDCWD, sys::arg(is_aside ? aside : path), uid, -1, AT_SYMLINK_NOFOLLOW);
}

void remove() { sys::call(SYS_unlinkat, AT_FDCWD, sys::arg(path), 0); }

bool reserve(int fd, uint64_t offset, size_t size, long &error) {
  const WriteSignalsBlocked guard;  // RLIMIT_FSIZE
  error = sys::call(SYS_fallocate, fd, 0, static_cast<long>(offset), static_cast<long>(size));
  return error == 0;
}

}  // namespace axshim::own_file
