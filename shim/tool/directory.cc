#include "tool/directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include "record/journal_place.h"
#include "tool/process_stat.h"

namespace axshim::tool {
namespace {

[[noreturn]] void throw_errno(const std::string &what) {
  throw std::system_error(errno, std::generic_category(), what);
}

// 0 where there is none.
ino_t inode_of(const std::string &path) {
  struct stat status = {};
  return stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

std::string first_line(const char *path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

}  // namespace

Descriptor open_directory(const std::string &path) {
  std::error_code error;
  const std::string whole = std::filesystem::canonical(path, error);
  if (error) throw std::system_error(error, path);
  char buffer[8192];
  Text why(buffer);
  if (!is_place_for_journals(whole.c_str(), Journals::are_recovered, why))
    throw std::runtime_error(whole + ": " + why.c_str() +
                             ", so its journals are not trusted (allowed: " + kPlacesForJournals + ')');
  Descriptor directory(open(whole.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0) throw_errno(path);
  return directory;
}

Descriptor open_own_directory(const std::string &path) {
  Descriptor directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat status;
  if (directory.get() < 0 || fstat(directory.get(), &status) != 0) throw_errno(path);
  const bool open_to_others = (status.st_mode & 022) != 0 && (status.st_mode & S_ISVTX) == 0;
  if (status.st_uid != geteuid() || open_to_others)
    throw std::runtime_error(path + ": somebody has put another directory in its place");
  return directory;
}

namespace {

std::vector<std::string> list(const Descriptor &directory, const char *suffix) {
  std::vector<std::string> names;
  DIR *stream = fdopendir(dup(directory.get()));
  if (stream == nullptr) throw_errno("cannot list the directory");
  rewinddir(stream);
  while (const dirent *entry = readdir(stream)) {
    const std::string name = entry->d_name;
    if (name.ends_with(suffix)) names.push_back(name);
  }
  closedir(stream);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

std::vector<std::string> list_journals(const Descriptor &directory) {
  return list(directory, kJournalSuffix);
}

std::vector<std::string> list_unfinished(const Descriptor &directory) {
  return list(directory, kAsideSuffix);
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

JournalFile read_journal(int directory, const std::string &name) {
  Descriptor file(openat(directory, name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status;
  if (file.get() < 0 || fstat(file.get(), &status) != 0)
    throw std::runtime_error(std::generic_category().message(errno));
  if (!S_ISREG(status.st_mode)) throw std::runtime_error("not a regular file");
  return JournalFile(std::move(file));
}

uint64_t own_pid_namespace() { return inode_of("/proc/self/ns/pid"); }

bool is_deserted(uint64_t pid_namespace) {
  std::error_code error;
  for (const auto &process : std::filesystem::directory_iterator("/proc", error))
    if (inode_of(process.path() / "ns/pid") == pid_namespace) return false;
  return !error;
}

Life life_of(const JournalHeader &journal, std::string &why) {
  const auto unknown = [&why](const char *because) {
    why = because;
    return Life::unknown;
  };
  const std::string machine = first_line("/etc/machine-id");
  const std::string boot = first_line("/proc/sys/kernel/random/boot_id");
  // Whether two boots are of one machine, its id alone tells; one boot is.
  const bool is_known = !machine.empty() && journal.machine_id[0] != '\0';
  if (is_known && machine != journal.machine_id) return unknown("it is of another machine");
  if (boot.empty()) return unknown("without /proc nobody knows who lives");
  if (boot != journal.boot_id)
    return is_known ? Life::gone : unknown("it is of another machine or boot: there is no /etc/machine-id");
  const uint64_t here = own_pid_namespace();
  if (here == 0 || here != journal.pid_namespace) return unknown("it is of another PID namespace");

  const std::optional<ProcessStat> now = stat_of(journal.pid);
  if (!now) return Life::gone;
  // The clock that it started by is that of its time namespace.
  if (now->start_ticks != journal.start_ticks)
    return inode_of("/proc/" + std::to_string(journal.pid) + "/ns/time") == inode_of("/proc/self/ns/time")
               ? Life::gone
               : unknown("there is a process of that pid in another time namespace");
  // One whose main thread alone has ended is a zombie too.
  const bool has_ended = now->state == 'X' || (now->state == 'Z' && now->threads <= 1);
  return has_ended ? Life::gone : Life::lives;
}

Life life_of_maker(const std::string &name, std::string &why) {
  int pid = 0, all = 0;
  long long start = 0;
  unsigned long long pid_namespace = 0;
  char boot[9] = "", machine[9] = "";
  constexpr const char *kName = "%d-%lld-%llu-%8[0-9a-f]%n-%n%8[0-9a-f]%n";
  if (sscanf(name.c_str(), kName, &pid, &start, &pid_namespace, boot, &all, &all, machine, &all) < 4 ||
      pid <= 0 ||
      (name.substr(static_cast<size_t>(all)) != kAsideSuffix &&
       name.substr(static_cast<size_t>(all)) != kJournalSuffix)) {
    why = "its name does not say whose it is";
    return Life::unknown;
  }
  JournalHeader maker = {};
  maker.pid = pid;
  maker.start_ticks = start;
  maker.pid_namespace = pid_namespace;
  const auto complete = [](char(&out)[40], const char *file, const std::string &begin) {
    const std::string own = first_line(file);
    (own.substr(0, 8) == begin ? own : begin).copy(out, sizeof out - 1);
  };
  complete(maker.boot_id, "/proc/sys/kernel/random/boot_id", boot);
  complete(maker.machine_id, "/etc/machine-id", machine);
  return life_of(maker, why);
}

}  // namespace axshim::tool
