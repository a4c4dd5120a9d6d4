#include "record/journal_place.h"

#include <string.h>
#include <sys/stat.h>

#include "base/owners.h"
#include "base/proc.h"
#include "base/real.h"
#include "base/sys.h"

namespace axshim {
namespace {

constexpr uid_t kNameless = 65534;  // of what a user namespace has no name for

bool is_in_user_namespace() {
  char map[128];
  return read_file("/proc/self/uid_map", map, sizeof map) > 0 &&
         std::string_view(map).find("4294967295") == std::string_view::npos;
}

// "it", or the path of what is above.
void name_place(const char *path, bool is_above, Text &why) {
  if (!is_above) {
    why << "it";
    return;
  }
  char link[32], name[4096];
  const int fd = sys::open(path, O_PATH);
  Text(link).operator<<("/proc/self/fd/").dec(fd);
  const long size = sys::call(SYS_readlinkat, AT_FDCWD, sys::arg(link), sys::arg(name), sizeof name);
  if (fd >= 0) sys::close(fd);
  why << (size > 0 ? std::string_view(name, static_cast<size_t>(size)) : path) << " above it";
}

}  // namespace

bool is_place_for_journals(const char *directory, Journals journals, Text &why) {
  char buffer[4096];
  Text path(buffer);
  path << directory;
  const std::string_view given = path.view();
  const bool is_of_run =
      journals == Journals::are_kept && given.substr(given.rfind('/') + 1).starts_with(kRunDirectory);
  struct stat root = {}, here = {};
  sys::fstatat(AT_FDCWD, "/", &root, 0);
  for (bool is_above = false; !(is_above && is_of_run); is_above = true) {
    int error = path.truncated() ? -ENAMETOOLONG : sys::fstatat(AT_FDCWD, path.c_str(), &here, 0);
    if (error == 0 && !S_ISDIR(here.st_mode)) error = -ENOTDIR;
    if (error != 0) {
      why << "cannot look at ";
      name_place(path.c_str(), is_above, why);
      why << ": " << libc::error_text(-error);
      return false;
    }
    if (is_above && here.st_dev == root.st_dev && here.st_ino == root.st_ino) return true;
    const bool is_nameless = journals == Journals::are_kept && is_above && here.st_uid == kNameless;
    const bool may_be_sticky = is_above || is_of_run;
    const bool is_open = (here.st_mode & 022) != 0 && !(may_be_sticky && (here.st_mode & S_ISVTX) != 0);
    if (is_open) {
      why << "others can write ";
      name_place(path.c_str(), is_above, why);
      return false;
    }
    if (is_of_others(here.st_uid) && !(is_nameless && is_in_user_namespace())) {
      name_place(path.c_str(), is_above, why);
      (why << " belongs to user ").dec(here.st_uid);
      return false;
    }
    path << "/..";
  }
  return true;
}

}  // namespace axshim
