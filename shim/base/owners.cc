#include "base/owners.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "base/sys.h"
#include "base/text.h"

namespace axshim {

bool is_of_others(uid_t owner) { return owner != 0 && owner != static_cast<uid_t>(sys::call(SYS_geteuid)); }

bool is_planted(int fd, const char *path) {
  struct stat file = {}, directory = {};
  if (sys::fstat(fd, &file) != 0 || !(S_ISREG(file.st_mode) || S_ISFIFO(file.st_mode))) return false;
  char parent[PATH_MAX];
  const char *slash = strrchr(path, '/');
  Text(parent) << (slash == nullptr ? "." : std::string_view(path, slash + 1 - path));
  if (sys::fstatat(AT_FDCWD, parent, &directory, 0) != 0) return true;
  if ((directory.st_mode & S_ISVTX) == 0 || (directory.st_mode & (S_IWGRP | S_IWOTH)) == 0) return false;
  if (S_ISREG(file.st_mode) && file.st_nlink > 1) return true;  // a name that somebody gave to another file
  return file.st_uid != directory.st_uid && is_of_others(file.st_uid);
}

int open_to_append(const char *path, unsigned mode) {
  const int fd =
      sys::move_high(sys::open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, mode));
  if (fd < 0 || !is_planted(fd, path)) return fd;
  sys::close(fd);
  return kPlanted;
}

}  // namespace axshim
