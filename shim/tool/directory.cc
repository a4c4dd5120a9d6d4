#include "tool/directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace axshim::tool {
namespace {

[[noreturn]] void throw_errno(const std::string &what) {
  throw std::system_error(errno, std::generic_category(), what);
}

bool is_own_or_roots(const struct stat &status) { return status.st_uid == 0 || status.st_uid == geteuid(); }

// Not by others; a sticky directory above protects what is in it.
void check_directory(const std::string &path, bool may_be_sticky) {
  struct stat status;
  if (stat(path.c_str(), &status) != 0) throw_errno(path);
  if (!S_ISDIR(status.st_mode)) throw std::system_error(ENOTDIR, std::generic_category(), path);
  const bool open_to_others =
      (status.st_mode & 022) != 0 && !(may_be_sticky && (status.st_mode & S_ISVTX) != 0);
  if (!is_own_or_roots(status) || open_to_others)
    throw std::runtime_error(path +
                             ": others can write it, so its journals are not trusted (allowed: a directory "
                             "that only you or root can write)");
}

std::string first_line(const char *path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ >= 0) close(fd_);
}

Descriptor open_directory(const std::string &path) {
  std::error_code error;
  const std::string whole = std::filesystem::canonical(path, error);
  if (error) throw std::system_error(error, path);
  check_directory(whole, false);
  for (size_t slash = whole.rfind('/'); slash != std::string::npos && slash > 0;
       slash = whole.rfind('/', slash - 1))
    check_directory(whole.substr(0, slash), true);
  Descriptor directory(open(whole.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0) throw_errno(path);
  return directory;
}

std::vector<std::string> list_journals(const Descriptor &directory) {
  std::vector<std::string> names;
  DIR *stream = fdopendir(dup(directory.get()));
  if (stream == nullptr) throw_errno("cannot list the directory");
  rewinddir(stream);
  while (const dirent *entry = readdir(stream)) {
    const std::string name = entry->d_name;
    if (name.ends_with(kJournalSuffix)) names.push_back(name);
  }
  closedir(stream);
  std::sort(names.begin(), names.end());
  return names;
}

Descriptor open_journal(const Descriptor &directory, const std::string &name) {
  Descriptor file(openat(directory.get(), name.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (file.get() < 0 && errno == EISDIR) throw std::runtime_error("not a regular file");
  struct stat status;
  if (file.get() < 0)
    throw std::runtime_error(errno == ELOOP ? "a symbolic link" : std::generic_category().message(errno));
  if (fstat(file.get(), &status) != 0) throw std::runtime_error(std::generic_category().message(errno));
  if (!S_ISREG(status.st_mode)) throw std::runtime_error("not a regular file");
  if (status.st_uid != geteuid()) throw std::runtime_error("it belongs to another user");
  if ((status.st_mode & 077) != 0) throw std::runtime_error("others may read or write it");
  if (flock(file.get(), LOCK_EX | LOCK_NB) != 0) throw std::runtime_error("somebody else is recovering it");
  if (fstat(file.get(), &status) != 0 || status.st_nlink != 1)
    throw std::runtime_error("it has " + std::to_string(status.st_nlink) + " links (allowed: 1)");
  return file;
}

std::string read_all(const Descriptor &file) {
  std::string bytes;
  struct stat status;
  if (fstat(file.get(), &status) != 0) return bytes;
  bytes.resize(static_cast<size_t>(status.st_size));
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t size =
        pread(file.get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (size <= 0) break;
    done += static_cast<size_t>(size);
  }
  bytes.resize(done);
  return bytes;
}

Life life_of(const JournalHeader &journal, std::string &why) {
  if (first_line("/etc/machine-id") != journal.machine_id) {
    why = "it is of another machine";
    return Life::unknown;
  }
  if (first_line("/proc/sys/kernel/random/boot_id") != journal.boot_id) return Life::gone;
  struct stat here;
  if (stat("/proc/self/ns/pid", &here) != 0 || here.st_ino != journal.pid_namespace) {
    why = "it is of another PID namespace";
    return Life::unknown;
  }
  const std::string stat = first_line(("/proc/" + std::to_string(journal.pid) + "/stat").c_str());
  const size_t name_end = stat.rfind(')');  // the name before it may hold anything
  if (name_end == std::string::npos || name_end + 2 >= stat.size()) return Life::gone;
  const char state = stat[name_end + 2];
  size_t at = name_end + 2;
  for (int field = 3; field < 22 && at != std::string::npos; ++field) at = stat.find(' ', at) + 1;
  const bool is_same = std::stoll(stat.substr(at)) == journal.start_ticks;
  return is_same && state != 'Z' && state != 'X' ? Life::lives : Life::gone;
}

}  // namespace axshim::tool
