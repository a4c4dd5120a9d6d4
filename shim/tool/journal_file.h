// A journal as it lies on the disk: written by a process that died at any moment, or by an enemy who still
// writes. Nothing in it is believed before it was copied and checked; it is never in memory as a whole.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/path_template.h"
#include "cleanup/registry.h"
#include "record/journal_layout.h"
#include "tool/descriptor.h"

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
bool is_blank(const Descriptor &file);

class JournalFile {
 public:
  // Throws std::runtime_error with one line that says why it is no journal.
  explicit JournalFile(Descriptor file);

  const JournalHeader &header() const { return header_; }
  // Places of entries, in order of registration, and what is at one: nothing, where it is free or can't be
  // read, which counts.
  size_t size() const { return size_; }
  std::optional<JournalEntry> entry(size_t place) const;
  // Visits those that are its process's own, with their places.
  template <class Visit>
  void each_own(Visit visit) const {
    for (size_t place = 0; place < size_; ++place) visit_own(place, visit);
  }
  template <class Visit>
  void each_own_newest_first(Visit visit) const {
    for (size_t place = size_; place-- > 0;) visit_own(place, visit);
  }
  size_t unreadable() const { return unreadable_; }

 private:
  // What was read last: what is asked for next is near.
  struct Window {
    uint64_t begin = 0;
    std::string bytes;
  };

  template <class Visit>
  void visit_own(size_t place, Visit &visit) const {
    const std::optional<JournalEntry> found = entry(place);
    if (found && !found->inherited) visit(*found, place);
  }

  void check_header();
  void refuse_overlaps();
  void read_modules();
  void find_segments();
  void check_entries();
  bool read_place(size_t place, Entry &) const;
  std::optional<JournalEntry> read_entry(const Entry &, size_t place) const;
  bool read_declared(const Entry &, JournalEntry &) const;
  uint64_t offset_of(size_t place) const;
  const char *read(Window &, uint64_t offset, uint64_t size) const;
  const char *at(uint64_t address, uint64_t size) const;
  std::optional<std::string> text_at(const void *address, uint64_t size) const;
  std::string string_at(uint64_t address, size_t most) const;
  Place place_of(const void *address) const;

  struct Module {
    uint64_t start, end, bias;
    std::string path, build_id;
  };
  struct Segment {
    size_t first;  // its first place
    uint64_t offset;
  };

  Descriptor file_;
  uint64_t file_size_ = 0;
  mutable Window entries_, texts_;
  JournalHeader header_;
  std::vector<Module> modules_;
  std::vector<Segment> segments_;
  size_t size_ = 0;
  size_t unreadable_ = 0;
};

}  // namespace axshim::tool
