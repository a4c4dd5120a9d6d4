#include <dirent.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/environment.h"
#include "base/sys.h"
#include "cleanup/actions.h"

// Without the preload include/axshim/fallback_remove.h and axshim.py do it by the same rules.
namespace axshim {
namespace {

constexpr int kMaxDepth = 200;  // one descriptor each
constexpr size_t kListing = 2048;

struct Identity {
  dev_t device = 0;
  ino_t inode = 0;
  bool operator==(const Identity &) const = default;
};

bool identify(int fd, Identity &identity) {
  struct stat status = {};
  if (sys::fstat(fd, &status) != 0) return false;
  identity = {status.st_dev, status.st_ino};
  return true;
}

// True if `tree` is the directory at `path` or above it.
bool contains(const Identity &tree, const char *path) {
  int at = sys::move_high(sys::open(path, O_PATH | O_DIRECTORY));
  Identity here, below;
  bool found = false;
  while (at >= 0 && identify(at, here) && !(found = here == tree) && here != below) {
    const int above = sys::move_high(sys::openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC));
    sys::close(at);
    at = above;
    below = here;
  }
  if (at >= 0) sys::close(at);
  return found;
}

struct Listed {  // the kernel's linux_dirent64
  uint64_t inode;
  int64_t offset;
  unsigned short length;
  unsigned char type;
  char name[];
};

int open_below(int directory, const char *name) {
  open_how how = {};
  how.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  how.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH;
  return sys::move_high(
      static_cast<int>(sys::call(SYS_openat2, directory, sys::arg(name), sys::arg(&how), sizeof how)));
}

bool is_dots(const char *name) {
  return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

void empty(int directory, int depth, Text &error);

// Removes the entry `name` of `directory`; -errno of the first obstacle, which goes into `error`.
long remove_entry(int directory, const char *name, int depth, Text &error) {
  long result = sys::call(SYS_unlinkat, directory, sys::arg(name), 0);
  if (result == 0 || result == -ENOENT) return 0;
  const int below = result == -EISDIR || result == -EPERM ? open_below(directory, name) : -ENOTDIR;
  if (below >= 0) {
    if (depth < kMaxDepth) empty(below, depth + 1, error);
    sys::close(below);
    result = sys::call(SYS_unlinkat, directory, sys::arg(name), AT_REMOVEDIR);
  } else if (below != -ENOTDIR && below != -ELOOP) {
    result = below;
  }
  if (result < 0 && error.empty())
    fail_with(error, result == -EXDEV ? "another mount at" : "cannot remove", name, result);
  return result;
}

// Removes what is in `directory`, as much as it can. Lists it again until a pass removes nothing: what a
// directory shows while it changes is up to the file system.
void empty(int directory, int depth, Text &error) {
  alignas(Listed) char buffer[kListing] = {};
  bool removed = true;
  while (removed) {
    removed = false;
    sys::call(SYS_lseek, directory, 0, SEEK_SET);
    long size = 0;
    while ((size = sys::call(SYS_getdents64, directory, sys::arg(buffer), sizeof buffer)) > 0) {
      for (long at = 0; at < size;) {
        const Listed *entry = reinterpret_cast<const Listed *>(buffer + at);
        at += entry->length;
        if (!is_dots(entry->name) && remove_entry(directory, entry->name, depth, error) == 0) removed = true;
      }
    }
    if (size < 0 && error.empty()) fail_with(error, "cannot list", "a directory", size);
  }
}
}  // namespace

ActionResult remove_tree(const char *given, Text &error) {
  // Behind a trailing slash a link would be followed.
  char buffer[4096];
  Text text(buffer);
  text << given;
  while (text.size() > 1 && text.view().ends_with('/')) text.resize(text.size() - 1);
  const char *path = text.c_str();
  const int root = sys::move_high(sys::open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  if (root == -ENOENT) return ActionResult::succeeded;
  if (root == -ENOTDIR || root == -ELOOP) {  // a file or a link: itself goes, not what it names
    const long result = sys::call(SYS_unlinkat, AT_FDCWD, sys::arg(path), 0);
    return result == 0 ? ActionResult::succeeded : fail_with(error, "cannot remove", path, result);
  }
  if (root < 0) return fail_with(error, "cannot open", path, root);
  Identity identity = {};
  const char *home = find_variable(environ, "HOME");
  if (!identify(root, identity) || contains(identity, "/") || contains(identity, ".") ||
      (home != nullptr && contains(identity, home))) {
    sys::close(root);
    error << "refused: it is, or contains, the root, home or working directory";
    return ActionResult::failed;
  }
  empty(root, 0, error);
  sys::close(root);
  const long result = sys::call(SYS_unlinkat, AT_FDCWD, sys::arg(path), AT_REMOVEDIR);
  if (!error.empty()) return ActionResult::failed;
  return result == 0 || result == -ENOENT ? ActionResult::succeeded
                                          : fail_with(error, "cannot remove", path, result);
}

}  // namespace axshim
