// The grammar of a declared cleanup: text in, plain facts out. Nothing is done here.
//
//     entry = [ name "=" ] action ":" argument [ " @" option { "," option } ]
//
// What is quoted or escaped never separates anything (cleanup/quoting.h says what is).
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <span>
#include <string_view>

#include "base/text.h"
#include "cleanup/quoting.h"

namespace axshim {

enum class Action : uint8_t { unlink, rmdir, rmtree, write, kill, exec, sh, call, flush };

struct ActionInfo {
  char name[7];
  char form[20];  // how it is written, for error messages
  bool signal_safe;
};

// Indexed by Action.
inline constexpr ActionInfo kActions[] = {
    {"unlink", "unlink:PATH", true},
    {"rmdir", "rmdir:PATH", true},
    {"rmtree", "rmtree:PATH", true},
    {"write", "write:PATH=TEXT", true},
    {"kill", "kill:PIDFILE/SIGNAL", true},
    {"exec", "exec:PROGRAM WORDS", true},
    {"sh", "sh:COMMAND", true},
    {"call", "call:SYMBOL", false},
    {"flush", "flush:", false},
};

constexpr const ActionInfo &info(Action action) { return kActions[static_cast<size_t>(action)]; }

inline constexpr size_t kMaxCommand = 8192;  // bytes of an exec, a sh or the text of a write, likewise
inline constexpr size_t kMaxPath = 4095;     // bytes of a path before its template is expanded

// The texts live in the buffer given to parse_entry and are terminated there. Templates are not expanded yet.
struct Declared {
  enum class When : uint8_t { any, orderly, forced };

  std::string_view name;
  std::string_view
      argument;           // the path, the pid file, the words, the command or the symbol; nothing for flush
  std::string_view text;  // of write: what to append
  std::string_view directory;  // where relative paths begin, empty for the root; the caller's to set
  int signal = 0;              // of kill
  Action action = Action::unlink;
  When when = When::any;
  bool children = false;
  bool daemon = false;
  int64_t timeout_ns = -1;  // -1: not given
};

// Cuts a text into entries, trimmed, none of them empty. A quote that is never closed spoils its own entry
// (parse_entry says so) and no later one: that entry is cut again, and then a quote counts only if it is
// closed before the end of its line.
class EntrySplitter {
 public:
  enum class Source : uint8_t {
    variable,  // `;` and newline end an entry
    file,      // only newline does, quoted or not; lines that begin with # are comments, a `;` at the end is
               // dropped
  };

  // Signal-safe.
  explicit EntrySplitter(std::string_view text, Source source = Source::variable)
      : rest_(text), source_(source) {}
  // False at the end. Signal-safe.
  bool next(std::string_view &entry);

 private:
  size_t entry_end() const;

  std::string_view rest_;
  Source source_;
};

// A buffer of this size is enough for any entry of `entry_size` bytes.
inline constexpr size_t parse_buffer_size(size_t entry_size) { return 2 * entry_size + 16; }

// Reads one entry. False, with the reason in `why` (400 bytes hold it), if it is not valid; `out` is of no
// use then. The buffer may not be empty.
// The escapes \; \\ \n \= \@ are replaced outside single quotes, and where no later reader wants them (that
// is, not in exec, sh and call) \' and \" too; other backslashes stay. A path and a name wholly in quotes
// lose them. Signal-safe.
bool parse_entry(std::string_view entry, std::span<char> buffer, Declared &out, Text &why);

}  // namespace axshim
