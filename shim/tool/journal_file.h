// A journal as it lies on the disk: written by a process that died at any moment, or by an enemy. Nothing in
// it is believed before it is checked against the file's size.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/path_template.h"
#include "cleanup/registry.h"
#include "record/journal_layout.h"

namespace axshim::tool {

// What templates meant to the process that wrote it.
inline TemplateValues template_values(const JournalHeader &process) {
  return {.pid = process.pid,
          .ppid = process.ppid,
          .program = process.program,
          .host = process.host,
          .start_seconds = process.started.tv_sec};
}

// A template of that text itself.
inline std::string as_template(std::string_view text) {
  std::string result;
  for (const char c : text) result += c == '%' ? "%%" : std::string(1, c);
  return result;
}

struct Place {
  std::string module;  // path; empty where no object is known
  std::string build_id;
  uint64_t offset = 0;  // in it; the address itself where there is none
};

struct JournalEntry {
  Source source;
  State state;
  Reason reason;
  bool inherited;  // its process's parent registered it
  std::string name;
  std::string error;
  uint32_t registered_ms;
  uint32_t turn;
  Place function, registered_by;
  std::optional<Declared> declared;  // its texts live in `texts`
  std::vector<std::string> texts;
  uint64_t state_offset;  // in the file
};

// True where there is no header yet: a machine that went down had written its name before it.
bool is_blank(const std::string &bytes);

class JournalFile {
 public:
  // Throws std::runtime_error with one line that says why it is no journal.
  explicit JournalFile(std::string bytes);

  const JournalHeader &header() const { return header_; }
  // In order of registration. What can't be read is left out and counted.
  const std::vector<JournalEntry> &entries() const { return entries_; }
  size_t unreadable() const { return unreadable_; }

 private:
  void check_header();
  void read_modules();
  void read_entries();
  std::optional<JournalEntry> read_entry(const Entry &, uint64_t offset);
  bool read_declared(const Entry &, JournalEntry &);
  const char *at(uint64_t address, uint64_t size) const;
  std::optional<std::string> text_at(const void *address, uint64_t size) const;
  std::string string_at(uint64_t address, size_t most) const;
  Place place_of(const void *address) const;

  struct Module {
    uint64_t start, end, bias;
    std::string path, build_id;
  };

  std::string bytes_;
  JournalHeader header_;
  std::vector<Module> modules_;
  std::vector<JournalEntry> entries_;
  size_t unreadable_ = 0;
};

}  // namespace axshim::tool
