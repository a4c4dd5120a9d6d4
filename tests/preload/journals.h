// Processes with journals, and `axshim recover`.
#pragma once

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <unistd.h>

#include "preload/harness.h"

namespace axshim_test {

inline void kill_it(pid_t pid) { kill(pid, SIGKILL); }

inline void without_proc() {
  if (unshare(CLONE_NEWNS) != 0) _exit(124);
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) _exit(124);
  if (umount2("/proc", MNT_DETACH) != 0) _exit(124);
}

class Journal : public PreloadTest {
 protected:
  Journal() { create_directory(journals()); }

  Path journals() const { return file("journals"); }
  std::vector<Path> files() const {
    const std::filesystem::directory_iterator begin(journals()), end;
    return {begin, end};
  }
  Command with_journal(Command command) const {
    command.env.insert({"AXSHIM_DIR", journals()});
    return command;
  }
  // A process that vanished, in the working directory "there".
  Outcome killed_one(const std::string &how = "") {
    Command command{.argv = {program("waits_with_cleanups")}, .cwd = file("there"), .interact = kill_it};
    if (!how.empty()) command.argv.push_back(how);
    create_directory(command.cwd);
    write_file(command.cwd / "lock", "x");
    return preloaded(with_journal(command));
  }
  Outcome recover(std::vector<std::string> options = {}) {
    std::vector<std::string> argv = {Path(AXSHIM_BUILD) / "axshim", "recover", journals()};
    argv.insert(argv.end(), options.begin(), options.end());
    return bare({.argv = argv, .deadline = std::chrono::seconds(120)});  // one of 50 MB takes 5 s alone
  }
  bool is_locked() const { return exists(file("there") / "lock"); }
};

}  // namespace axshim_test
