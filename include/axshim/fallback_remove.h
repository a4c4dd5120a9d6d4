/* Part of fallback.h: removes a tree by the rules of the preload (shim/cleanup/remove_tree.cc). The kernel is
 * asked by numbers, since -std=c11 hides openat and its like. */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define AXSHIM_MOST_DEPTH_ 200 /* one descriptor each */
#define AXSHIM_LISTING_ 4096

enum {
  axshim_here_ = -100,       /* AT_FDCWD */
  axshim_directory_ = 0x200, /* AT_REMOVEDIR */
  axshim_openat2_ = 437,     /* SYS_openat2 */
#ifdef __O_PATH              /* glibc's, never hidden */
  axshim_to_look_ = __O_PATH | __O_DIRECTORY | __O_CLOEXEC,
  axshim_to_empty_ = O_RDONLY | __O_DIRECTORY | __O_NOFOLLOW | __O_CLOEXEC,
  axshim_to_append_ = O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | __O_NOFOLLOW | __O_CLOEXEC
#else
  axshim_to_look_ = O_PATH | O_DIRECTORY | O_CLOEXEC,
  axshim_to_empty_ = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
  axshim_to_append_ = O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC
#endif
};

extern long axshim_syscall_(long number, ...) __asm__("syscall");

AXSHIM_OWN_ int axshim_open_at_(int directory, const char *path, int flags) {
  return (int)axshim_syscall_(SYS_openat, directory, path, flags, 0666);
}

AXSHIM_OWN_ int axshim_is_same_(const struct stat *one, const struct stat *other) {
  return one->st_dev == other->st_dev && one->st_ino == other->st_ino;
}

/* True if `tree` is the directory at `path` or above it. */
AXSHIM_OWN_ int axshim_contains_(const struct stat *tree, const char *path) {
  int at = axshim_open_at_(axshim_here_, path, axshim_to_look_), found = 0;
  struct stat here, below;
  memset(&below, 0, sizeof below);
  while (at >= 0 && fstat(at, &here) == 0 && !(found = axshim_is_same_(&here, tree)) &&
         !axshim_is_same_(&here, &below)) {
    const int above = axshim_open_at_(at, "..", axshim_to_look_);
    close(at);
    at = above;
    below = here;
  }
  if (at >= 0) close(at);
  return found;
}

AXSHIM_OWN_ int axshim_empty_(int directory, int depth);

/* 0, or errno. */
AXSHIM_OWN_ int axshim_remove_entry_(int directory, const char *name, int depth) {
  const uint64_t how[] = {axshim_to_empty_, 0, 1 | 4 | 8}; /* RESOLVE_NO_XDEV, _NO_SYMLINKS, _BENEATH */
  int error, below;
  if (axshim_syscall_(SYS_unlinkat, directory, name, 0) == 0 || errno == ENOENT) return 0;
  error = errno;
  if (error != EISDIR && error != EPERM) return error;
  below = (int)axshim_syscall_(axshim_openat2_, directory, name, how, sizeof how);
  if (below < 0) return errno == ENOTDIR || errno == ELOOP ? error : errno;
  error = depth < AXSHIM_MOST_DEPTH_ ? axshim_empty_(below, depth + 1) : 0;
  close(below);
  if (axshim_syscall_(SYS_unlinkat, directory, name, axshim_directory_) == 0) return 0;
  return error != 0 ? error : errno;
}

/* As much as it can, once more until a pass removes nothing: what a directory shows while it changes is up to
 * the file system. 0, or the errno of what stays. */
AXSHIM_OWN_ int axshim_empty_(int directory, int depth) {
  char *const listing = (char *)malloc(AXSHIM_LISTING_);
  int removed = 1, error = ENOMEM;
  while (listing != 0 && removed) {
    long size, at;
    removed = error = 0;
    lseek(directory, 0, SEEK_SET);
    while ((size = axshim_syscall_(SYS_getdents64, directory, listing, AXSHIM_LISTING_)) > 0)
      for (at = 0; at < size;) {
        const char *const entry = listing + at, *const name = entry + 19; /* the kernel's linux_dirent64 */
        unsigned short length;
        int failure;
        memcpy(&length, entry + 16, sizeof length);
        at += length;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) continue;
        failure = axshim_remove_entry_(directory, name, depth);
        if (failure == 0) removed = 1;
        if (error == 0) error = failure;
      }
    if (size < 0) error = errno;
  }
  free(listing);
  return error;
}

/* Null, or what went wrong. Takes slashes off the path's end: behind one a link would be followed. */
AXSHIM_OWN_ const char *axshim_remove_tree_(char *path) {
  const char *const home = getenv("HOME");
  size_t length = strlen(path);
  struct stat tree;
  int root, error;
  while (length > 1 && path[length - 1] == '/') path[--length] = '\0';
  root = axshim_open_at_(axshim_here_, path, axshim_to_empty_);
  if (root < 0) { /* a file or a link: itself goes, not what it names */
    const int is_other = errno == ENOTDIR || errno == ELOOP;
    return errno == ENOENT || (is_other && unlink(path) == 0) ? 0 : strerror(errno);
  }
  if (fstat(root, &tree) != 0 || axshim_contains_(&tree, "/") || axshim_contains_(&tree, ".") ||
      (home != 0 && axshim_contains_(&tree, home))) {
    close(root);
    return "refused: it is, or contains, the root, home or working directory";
  }
  error = axshim_empty_(root, 0);
  close(root);
  if (error == 0 && rmdir(path) != 0 && errno != ENOENT) error = errno;
  return error == 0 ? 0 : error == EXDEV ? "another mount is in it" : strerror(error);
}

#undef AXSHIM_MOST_DEPTH_
#undef AXSHIM_LISTING_
