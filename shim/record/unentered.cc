#include "record/unentered.h"

#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/elf.h"
#include "base/sys.h"
#include "base/text.h"
#include "settings.h"

namespace axshim {
namespace {

constexpr size_t kPathSize = 4096;
constexpr size_t kBeginning = 4096;  // there linkers put all that is looked at

Text &append_directory(Text &path) { return path << settings.journal_directory << '/' << kUnentered; }

// True also where it can't be told.
bool is_for_ld_so(int fd) {
  alignas(ElfW(Ehdr)) char beginning[kBeginning];
  const long size = sys::call(SYS_pread64, fd, sys::arg(beginning), sizeof beginning, 0);
  if (size < SELFMAG || memcmp(beginning, ELFMAG, SELFMAG) != 0) return true;
  const elf::Image image = {beginning, static_cast<size_t>(size)};
  for (const elf::Phdr &segment : elf::program_headers(image)) {
    if (segment.p_type != PT_INTERP) continue;
    const char *loader = image.at<char>(segment.p_offset, segment.p_filesz);
    return loader == nullptr ||
           std::string_view(loader, segment.p_filesz).find("/ld-linux") != std::string_view::npos;
  }
  return false;
}

void note(int fd) {
  char link[64], target[kPathSize], buffer[kPathSize];
  (Text(link) << "/proc/thread-self/fd/").dec(fd);
  const long size = sys::call(SYS_readlinkat, AT_FDCWD, sys::arg(link), sys::arg(target), sizeof target - 1);
  if (size <= 0) return;
  target[size] = '\0';
  Text name(buffer);
  (append_directory(name) << '/').dec(sys::getpid());
  sys::call(SYS_symlinkat, sys::arg(target), AT_FDCWD, sys::arg(name.c_str()));
}

}  // namespace

bool wants_notes_of_unentered() {
  if (settings.journal_directory.empty()) return false;
  char buffer[kPathSize];
  Text path(buffer);
  append_directory(path);
  return sys::call(SYS_faccessat, AT_FDCWD, sys::arg(path.c_str()), W_OK) == 0;
}

void note_if_unentered(const char *path) {
  struct stat status = {};
  if (sys::fstatat(AT_FDCWD, path, &status, 0) != 0 || !S_ISREG(status.st_mode)) return;
  const int fd = sys::openat(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) return;
  if (!is_for_ld_so(fd)) note(fd);
  sys::close(fd);
}

}  // namespace axshim
