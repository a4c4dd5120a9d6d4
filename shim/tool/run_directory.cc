#include "tool/run_directory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "record/journal_place.h"
#include "record/unentered.h"

namespace axshim::tool {
namespace {

std::string make_directory() {
  const char *wanted = getenv("TMPDIR");
  std::string path;
  errno = ENOENT;
  for (const char *parent : {wanted, "/tmp", "/dev/shm"}) {
    if (parent == nullptr || parent[0] != '/') continue;
    path = std::string(parent) + '/' + kRunDirectory + "XXXXXX";
    if (mkdtemp(path.data()) == nullptr) continue;
    char reason[4096];
    Text why(reason);
    if (is_place_for_journals(path.c_str(), Journals::are_recovered, why)) return path;
    rmdir(path.c_str());
    errno = EPERM;
  }
  throw std::system_error(errno, std::generic_category(),
                          "cannot make a directory in TMPDIR, /tmp or /dev/shm that others can't replace");
}

std::string secret() {
  unsigned char bytes[16];
  if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
    throw std::system_error(errno, std::generic_category(), "no random numbers");
  std::string text;
  for (const unsigned char byte : bytes) {
    char digits[3];
    snprintf(digits, sizeof digits, "%02x", byte);
    text += digits;
  }
  return text;
}

// Of root's, one in which all who know it may make files, and nobody may take another's away.
void make_open(const std::string &path) {
  if (mkdir(path.c_str(), 0700) != 0 || (geteuid() == 0 && chmod(path.c_str(), 01733) != 0))
    throw std::system_error(errno, std::generic_category(), path);
}

// What root starts may give up its rights, and still has a journal and a record to write: so its directory
// takes files from everybody who knows its name. That only its processes do (their environment is theirs
// alone to read), for nobody else can list the directory above. What one makes no other can take away.
std::string make_inner_directory(const std::string &own) {
  if (geteuid() != 0) return own;
  const std::string path = own + '/' + kRunDirectory + secret();
  make_open(path);
  if (chmod(own.c_str(), 0711) != 0) throw std::system_error(errno, std::generic_category(), own);
  return path;
}

void make_log(const std::string &log) {
  const int fd = open(log.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0 || (geteuid() == 0 && fchmod(fd, 0622) != 0))
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
  if (with_log || journals.empty()) inner_ = make_inner_directory(own_ = make_directory());
  if (with_log) make_log(log_ = inner_ + "/log.jsonl");
  if (journals.empty()) {
    journals_ = inner_;
    make_open(journals_ + '/' + kUnentered);
    make_old(journals_);
  }
  changed_ = change_of(journals_);
}

bool RunDirectory::is_untouched() const {
  const timespec now = change_of(journals_);
  return now.tv_sec == changed_.tv_sec && now.tv_nsec == changed_.tv_nsec;
}

std::set<std::string> RunDirectory::unentered() const {
  std::set<std::string> programs;
  std::error_code error;
  for (const auto &note : std::filesystem::directory_iterator(journals_ + '/' + kUnentered, error)) {
    const std::filesystem::path program = std::filesystem::read_symlink(note, error);
    if (!error) programs.insert(program);
  }
  return programs;
}

void RunDirectory::remove() {
  std::error_code ignored;
  if (!own_.empty() && !kept_) std::filesystem::remove_all(own_, ignored);
  own_.clear();
}

}  // namespace axshim::tool
