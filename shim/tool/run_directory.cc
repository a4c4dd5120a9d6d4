#include "tool/run_directory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "record/journal_place.h"

namespace axshim::tool {
namespace {

std::string make_directory() {
  const char *wanted = getenv("TMPDIR");
  std::string path;
  for (const char *parent : {wanted, "/tmp", "/dev/shm"}) {
    if (parent == nullptr || parent[0] != '/') continue;
    path = std::string(parent) + '/' + kRunDirectory + "XXXXXX";
    if (mkdtemp(path.data()) != nullptr) return path;
  }
  throw std::system_error(errno, std::generic_category(), "cannot make a directory in TMPDIR");
}

// What root starts may give up its rights, and then has a record to write: its log takes lines from
// everybody who knows its name, which is in no directory that they can list.
void make_log(const std::string &directory, const std::string &log) {
  if (geteuid() != 0) return;
  const int fd = open(log.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0 || fchmod(fd, 0622) != 0 || chmod(directory.c_str(), 0711) != 0)
    throw std::system_error(errno, std::generic_category(), log);
  close(fd);
}

// As old as the epoch: within one tick of its clock the kernel would not show a change.
void make_old(const std::string &directory) {
  const timespec epoch[2] = {};
  if (utimensat(AT_FDCWD, directory.c_str(), epoch, 0) != 0)
    throw std::system_error(errno, std::generic_category(), directory);
}

timespec change_of(const std::string &directory) {
  struct stat status = {};
  stat(directory.c_str(), &status);
  return status.st_mtim;
}

}  // namespace

RunDirectory::RunDirectory(const std::string &journals, bool with_log) : journals_(journals) {
  if (with_log || journals.empty()) own_ = make_directory();
  if (with_log) make_log(own_, log_ = own_ + "/log.jsonl");
  if (journals.empty()) make_old(journals_ = own_);
  changed_ = change_of(journals_);
}

bool RunDirectory::is_untouched() const {
  const timespec now = change_of(journals_);
  return now.tv_sec == changed_.tv_sec && now.tv_nsec == changed_.tv_nsec;
}

void RunDirectory::remove() {
  std::error_code ignored;
  if (!own_.empty() && !kept_) std::filesystem::remove_all(own_, ignored);
  own_.clear();
}

}  // namespace axshim::tool
