#include "cleanup/adopt.h"

#include <string.h>

#include "base/proc.h"
#include "cleanup/registry.h"
#include "process.h"
#include "settings.h"

namespace axshim {
namespace {

constexpr std::string_view kDaemonMark = ":daemon";
constexpr size_t kMostOrdinary = 64;

enum class Share { all, daemon, children };  // of the declared entries, which are this process's

char variable[64];  // AXSHIM_OWNER=…; in the environment, and rewritten in place when a daemon is born
size_t variable_size = 0;
Declared **ordinary = nullptr;
size_t ordinary_count = 0;

Declared **allocate_ordinary() {
  return reinterpret_cast<Declared **>(registry::allocate(kMostOrdinary * sizeof *ordinary));
}

void write_owner(std::string_view mark) {
  Text text(variable);
  (text << "AXSHIM_OWNER=").dec(process.pid) << ':';
  text.dec(start_time_of_self()) << mark;
  variable_size = text.size();
}

Share share() {
  write_owner("");
  const std::string_view self = owner_variable().substr(strlen("AXSHIM_OWNER="));
  if (settings.owner.empty() || settings.owner == self) return Share::all;
  if (settings.owner.size() == self.size() + kDaemonMark.size() && settings.owner.starts_with(self) &&
      settings.owner.ends_with(kDaemonMark)) {
    write_owner(kDaemonMark);
    return Share::daemon;
  }
  variable_size = 0;  // a process above us owns them: the environment stays as it is
  return Share::children;
}

bool is_ours(const Declared &declared, Share share) {
  return share == Share::all || declared.children || (share == Share::daemon && declared.daemon);
}

// Where the process started, in the registry's memory: a journal is read without the rest.
std::string_view directory() {
  static std::string_view copy;
  if (!copy.empty() || settings.directory.empty()) return copy;
  char *memory = registry::allocate(settings.directory.size());
  if (memory == nullptr) return settings.directory;
  settings.directory.copy(memory, settings.directory.size());
  return copy = {memory, settings.directory.size()};
}

// Null, or why that can't be.
const char *keep(const Declared &declared) {
  constexpr const char *kNoMemory = "no memory for this entry";
  if (info(declared.action).signal_safe) return registry::add(declared) != nullptr ? nullptr : kNoMemory;
  if (ordinary_count == kMostOrdinary) return "too many call: and flush: entries (allowed: 64)";
  if (ordinary == nullptr && !(ordinary = allocate_ordinary())) return kNoMemory;
  void *copy = registry::allocate(sizeof declared);
  if (copy == nullptr) return kNoMemory;
  ordinary[ordinary_count++] = new (copy) Declared(declared);
  return nullptr;
}

void adopt(std::string_view name, std::string_view text, EntrySplitter::Source source, Share share) {
  EntrySplitter entries(text, source);
  for (std::string_view entry; entries.next(entry);) {
    char reason[400];
    Text why(reason);
    const size_t size = parse_buffer_size(entry.size());
    char *buffer = registry::allocate(size);
    Declared declared;
    if (buffer == nullptr) {
      why << "no memory for this entry";
    } else if (parse_entry(entry, {buffer, size}, declared, why) && is_ours(declared, share)) {
      declared.directory = directory();
      if (const char *obstacle = keep(declared)) why << obstacle;
    }
    if (!why.empty()) complain(name, entry, why.view());
  }
}

}  // namespace

void adopt_declared_cleanups() {
  const Share mine = share();
  adopt("AXSHIM_CLEANUP_FILE", settings.cleanup_file, EntrySplitter::Source::file, mine);
  adopt("AXSHIM_CLEANUP", settings.cleanup, EntrySplitter::Source::variable, mine);
}

bool register_ordinary_cleanups() {
  for (size_t i = 0; i < ordinary_count; ++i) registry::add(*ordinary[i]);
  return ordinary_count > 0;
}

std::string_view owner_variable() { return {variable, variable_size}; }

void become_daemon_owner() {
  if (registry::child_took_session()) write_owner(kDaemonMark);
}

}  // namespace axshim
