// Where the processes of a run leave what we read afterwards.
#pragma once

#include <time.h>

#include <set>
#include <string>

namespace axshim::tool {

class RunDirectory {
 public:
  // Journals go to `journals`, or where that is empty to a directory of our own, as does the log if one is
  // wanted. Throws std::system_error.
  RunDirectory(const std::string &journals, bool with_log);
  ~RunDirectory() { remove(); }
  RunDirectory(const RunDirectory &) = delete;

  // What is our own.
  void remove();

  // True if nobody has made a journal there: each process does as it starts, though a clean end removes it.
  bool is_untouched() const;

  // Programs of which vfork children left a note: the preload can't enter them. Only in a directory of ours.
  std::set<std::string> unentered() const;

  // For processes that go on writing to it.
  void keep() { kept_ = true; }

  // Of our own, where the log and journals are; empty: there is none.
  const std::string &own() const { return inner_; }
  const std::string &log() const { return log_; }  // empty: not wanted
  const std::string &journals() const { return journals_; }
  bool has_own_journals() const { return journals_ == inner_; }

 private:
  std::string own_, inner_, log_, journals_;
  timespec changed_;
  bool kept_ = false;
};

}  // namespace axshim::tool
