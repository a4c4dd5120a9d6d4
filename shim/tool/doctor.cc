#include "tool/doctor.h"

#include <elf.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <system_error>
#include <vector>

#include "tool/companion.h"
#include "tool/find_program.h"
#include "tool/program_file.h"
#include "tool/shown.h"

namespace axshim::tool {
namespace {

constexpr int kMostScripts = 5;  // that interpret one another, as the kernel allows
constexpr size_t kMostFirstLine = 256;

struct Fact {
  std::string about, text;
};

struct Diagnosis {
  std::string obstacle;  // empty: it works
  std::string remedy;
  std::vector<Fact> facts;

  void refuse(const std::string &why, const std::string &what_to_do) {
    if (obstacle.empty()) obstacle = why, remedy = what_to_do;
  }
};

std::string base_name(const std::string &path) { return path.substr(path.rfind('/') + 1); }

std::string joined(const std::vector<std::string> &words) {
  std::string result;
  for (const std::string &word : words) result += (result.empty() ? "" : ", ") + word;
  return result;
}

std::string beginning_of(const std::string &path) {
  std::string bytes(kMostFirstLine, '\0');
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::system_error(errno, std::generic_category(), "it can't be read");
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<size_t>(file.gcount()));
  return bytes;
}

// The program behind `env [-S] [-u NAME] [NAME=VALUE]... PROG`; empty where the line does not tell.
std::string behind_env(std::istringstream &words) {
  for (std::string word; words >> word;) {
    if (word.starts_with("-S")) word.erase(0, 2);
    if (word == "-u" || word == "-C") {
      words >> word;
      continue;
    }
    if (!word.empty() && word[0] != '-' && word.find('=') == std::string::npos) return word;
  }
  return "";
}

// The program that runs a script, or an empty string where `path` is none.
std::string interpreter_of(const std::string &path) {
  const std::string begin = beginning_of(path);
  const std::string line = begin.substr(0, begin.find('\n'));
  if (begin.starts_with("#!")) {
    std::istringstream words(line.substr(2));
    std::string interpreter;
    words >> interpreter;
    if (interpreter.find('/') == std::string::npos) interpreter.insert(0, "./");  // execve knows no PATH
    const std::string behind = base_name(interpreter) == "env" ? behind_env(words) : "";
    return find_program(behind.empty() ? interpreter : behind);
  }
  // As shells do: what is no program is a script of theirs, if it looks like text.
  if (begin.starts_with("\177ELF") || line.find('\0') != std::string::npos) return "";
  return find_program("/bin/sh");
}

void judge_form(const ProgramFile &program, const ProgramFile &own, Diagnosis &diagnosis) {
  diagnosis.facts.push_back({"file", architecture(program) + (program.is_go ? ", Go" : "") +
                                         (program.loader.empty() ? "" : ", loaded by " + program.loader)});
  if (program.type != ET_EXEC && program.type != ET_DYN)
    return diagnosis.refuse("it is no program", "name an executable file or a script");
  if (program.type == ET_DYN && program.loader.empty() && !program.is_pie)
    return diagnosis.refuse("it is a library", "name a program that loads it");
  if (program.machine != own.machine || program.bits != own.bits)
    return diagnosis.refuse("it is " + architecture(program) + ", and the library is " + architecture(own),
                            "build axshim for it, or the program for this machine");
  if (program.loader.empty() && program.is_go)
    return diagnosis.refuse("it is a static Go program",
                            "build it with CGO_ENABLED=1 and -ldflags=-linkmode=external (os.Exit passes any "
                            "preload by even then), or let axshim run tell its exit status");
  if (program.loader.empty() || !program.is_dynamic)
    return diagnosis.refuse("it is static", "link it dynamically, or let axshim run tell its exit status");
  if (base_name(program.loader).starts_with("ld-musl")) {
    diagnosis.facts.push_back({"but", "it does not start where LD_PRELOAD names the library without $LIB"});
    return diagnosis.refuse("its libc is musl", "build it against glibc");
  }
  if (base_name(program.loader) != base_name(own.loader))
    return diagnosis.refuse("its loader is not glibc's " + base_name(own.loader), "build it against glibc");
  if (access(program.loader.c_str(), X_OK) != 0)
    return diagnosis.refuse("its loader is not there, so it does not start at all",
                            "install " + program.loader + ", or build the program anew");
}

// AT_SECURE: the loader takes no preload from the environment then.
void judge_privileges(const std::string &path, Diagnosis &diagnosis) {
  struct stat file;
  struct statvfs system;
  if (stat(path.c_str(), &file) != 0 || statvfs(path.c_str(), &system) != 0) return;
  if ((system.f_flag & ST_NOSUID) != 0) return;
  const bool set_user = (file.st_mode & S_ISUID) != 0;
  const bool set_group = (file.st_mode & S_ISGID) != 0 && (file.st_mode & S_IXGRP) != 0;
  const bool capable = getxattr(path.c_str(), "security.capability", nullptr, 0) > 0;
  if (!set_user && !set_group && !capable) return;
  const std::string what = set_user ? "set-user-ID" : set_group ? "set-group-ID" : "has file capabilities";
  const bool gains = (set_user && file.st_uid != getuid()) || (set_group && file.st_gid != getgid()) ||
                     (capable && getuid() != 0);
  if (!gains) {
    diagnosis.facts.push_back({"but", "it " + std::string(capable && !set_user && !set_group ? "" : "is ") +
                                          what + ": the preload can't enter it where others start it"});
    return;
  }
  diagnosis.refuse(std::string(capable && !set_user && !set_group ? "it " : "it is ") + what,
                   "run it as " +
                       std::string(set_user    ? "its owner"
                                   : set_group ? "a user of its group"
                                               : "root") +
                       ", or try a copy of it, which has no such rights");
}

void judge_sanitizer(const ProgramFile &program, Diagnosis &diagnosis) {
  for (const std::string &library : program.libraries) {
    const bool is_asan = library.starts_with("libasan.so") || library.starts_with("libclang_rt.asan");
    if (is_asan)
      diagnosis.refuse("its AddressSanitizer wants to be the first library",
                       "put " + library +
                           " before the preload in LD_PRELOAD, or set "
                           "ASAN_OPTIONS=verify_asan_link_order=0");
    if (is_asan || library.starts_with("libtsan.so") || library.starts_with("liblsan.so"))
      diagnosis.facts.push_back({"sanitizer", "in " + library +
                                                  ": put that before the preload in LD_PRELOAD, "
                                                  "or exit handlers may not be seen"});
  }
  if (program.has_sanitizer)
    diagnosis.facts.push_back(
        {"sanitizer", "linked into it: it reports faults itself before the preload does"});
}

// What libaxshim.so interposes, and tells of in a record.
void tell_what_is_seen(const ProgramFile &program, Diagnosis &diagnosis) {
  if (!program.has_symbols) {
    diagnosis.facts.push_back({"sees", "fatal signals (what it calls can't be listed: no section headers)"});
    return;
  }
  constexpr std::pair<const char *, const char *> kNames[] = {
      {"__libc_start_main", "return from main"},
      {"exit", "exit"},
      {"_exit", "_exit"},
      {"_Exit", "_Exit"},
      {"quick_exit", "quick_exit"},
      {"abort", "abort"},
      {"syscall", "syscall"},
      {"pthread_exit", "pthread_exit"},
      {"daemon", "daemon"},
      {"execl", "execl"},
      {"execle", "execle"},
      {"execlp", "execlp"},
      {"execv", "execv"},
      {"execve", "execve"},
      {"execvp", "execvp"},
      {"execvpe", "execvpe"},
      {"fexecve", "fexecve"},
      {"execveat", "execveat"},
      {"__cxa_atexit", "atexit and destructors"},
      {"on_exit", "on_exit"},
      {"__cxa_at_quick_exit", "at_quick_exit"},
  };
  std::vector<std::string> seen = {"fatal signals"};
  for (const auto &[symbol, name] : kNames)
    if (program.imports.contains(symbol)) seen.push_back(name);
  diagnosis.facts.push_back({"sees", joined(seen)});
  if (program.is_go)
    diagnosis.facts.push_back(
        {"but", "os.Exit and the end of Go's main make a raw system call: only axshim run sees these"});
}

void tell_of_seccomp(const ProgramFile &program, Diagnosis &diagnosis) {
  std::vector<std::string> means;
  for (const char *name : {"seccomp_load", "prctl"})
    if (program.imports.contains(name)) means.push_back(name);
  if (means.empty()) return;
  diagnosis.facts.push_back(
      {"seccomp",
       (means[0] == "seccomp_load" ? "it sets filters (it calls " : "it may set a filter (it calls ") +
           joined(means) + "): under one cleanups that need more than write are skipped"});
}

// Throws where the file does not tell.
void examine(std::string path, Diagnosis &result) {
  for (int depth = 0;; ++depth) {
    const std::string interpreter = interpreter_of(path);
    if (interpreter.empty()) break;
    result.facts.push_back({"script", "run by " + interpreter});
    path = interpreter;
    if (depth == kMostScripts) throw std::runtime_error("its interpreters go round in a circle");
  }
  const std::string begin = beginning_of(path);
  if (!begin.starts_with("\177ELF")) throw std::runtime_error("it is no program and no script");
  const ProgramFile own = read_program(own_path()), program = read_program(path);
  judge_form(program, own, result);
  const bool can_be_loaded = result.obstacle.empty();
  judge_privileges(path, result);
  judge_sanitizer(program, result);
  if (!can_be_loaded) return;
  tell_what_is_seen(program, result);
  tell_of_seccomp(program, result);
}

Diagnosis diagnose(const std::string &path) {
  Diagnosis result;
  try {
    examine(path, result);
  } catch (const std::exception &error) {
    result.refuse(error.what(), "");
  }
  return result;
}

}  // namespace

std::string obstacle_of(const std::string &program) {
  Diagnosis result;
  try {
    examine(find_program(program), result);
  } catch (const std::exception &) {
    return "";
  }
  return result.obstacle;
}

int doctor(const std::string &name) {
  std::string path;
  try {
    path = find_program(name);
  } catch (const NoProgram &error) {
    complain(error.what());
    return error.status;
  }
  const Diagnosis diagnosis = diagnose(path);
  std::string verdict = path + ": the preload ";
  if (diagnosis.obstacle.empty())
    verdict += "works on it";
  else
    verdict +=
        "can't enter it: " + diagnosis.obstacle + (diagnosis.remedy.empty() ? "" : "; " + diagnosis.remedy);
  puts(shown(verdict).c_str());
  size_t width = 0;
  for (const Fact &fact : diagnosis.facts) width = std::max(width, fact.about.size());
  for (const Fact &fact : diagnosis.facts)
    puts(shown("  " + fact.about + std::string(width - fact.about.size() + 2, ' ') + fact.text).c_str());
  return diagnosis.obstacle.empty() ? 0 : 1;
}

}  // namespace axshim::tool
