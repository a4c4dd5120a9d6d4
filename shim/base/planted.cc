#include "base/planted.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "base/sys.h"
#include "base/text.h"

namespace axshim {

bool is_planted(int fd, const char *path) {
  struct stat file = {}, directory = {};
  if (sys::fstat(fd, &file) != 0 || !(S_ISREG(file.st_mode) || S_ISFIFO(file.st_mode))) return false;
  char parent[PATH_MAX];
  const char *slash = strrchr(path, '/');
  Text(parent) << (slash == nullptr ? "." : std::string_view(path, slash + 1 - path));
  if (sys::fstatat(AT_FDCWD, parent, &directory, 0) != 0) return true;
  if ((directory.st_mode & S_ISVTX) == 0 || (directory.st_mode & (S_IWGRP | S_IWOTH)) == 0) return false;
  if (S_ISREG(file.st_mode) && file.st_nlink > 1) return true;  // a name that somebody gave to another file
  return file.st_uid != 0 && file.st_uid != directory.st_uid &&
         file.st_uid != static_cast<uid_t>(sys::call(SYS_geteuid));
}

}  // namespace axshim
