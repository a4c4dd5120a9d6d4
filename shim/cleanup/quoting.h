// How the grammar of declared cleanups reads quotes and backslashes: single or double quotes may open
// anywhere, a backslash protects the next character, except in single quotes. Used by declared.cc alone;
// the words of an exec are for everybody. Everything here is signal-safe.
#pragma once

#include <stddef.h>

#include <span>
#include <string_view>

#include "base/text.h"

namespace axshim {

inline constexpr size_t kMaxWords = 256;  // of an exec

// Cuts the argument of an exec into words as a shell does, without any expansion, ends the list with a null
// pointer and returns how many there are; 0, with the reason in `why`, for an unterminated quote, no program
// or more words than fit. `words` of kMaxWords + 1 and `storage` of argument.size() + 1 are enough for any
// entry that parse_entry took; without `words` it checks and counts only. Signal-safe.
size_t split_words(std::string_view argument, std::span<char *> words, std::span<char> storage, Text &why);

namespace quoting {

inline constexpr size_t kNone = std::string_view::npos;

// string_view::substr (and starts_with, which calls it) can throw, which would pull in libstdc++.
inline std::string_view from(std::string_view text, size_t start) {
  return {text.data() + start, text.size() - start};
}
inline std::string_view upto(std::string_view text, size_t end) { return {text.data(), end}; }

// Steps through a text and knows what is quoted and what is escaped: the one place that reads quotes.
struct Scanner {
  std::string_view text;
  char quote = 0;             // the quote that is open after the last step
  bool within_lines = false;  // a quote counts only if it is closed on its line
  size_t at = 0;              // the character of the last step…
  size_t next = 0;            // …and what follows it
  bool escaped = false;       // it is a backslash and the character that it protects
  bool delimiter = false;     // it is a quote that opened or closed
  bool plain = false;         // it is neither quoted nor escaped nor a quote

  char c() const { return text[at]; }
  char protected_one() const { return text[at + 1]; }  // where escaped
  bool step();

 private:
  bool closed_on_line() const;
};

// The quote that is still open at the end, or 0.
char open_quote(std::string_view text);

// The first character of `wanted` that is neither quoted nor escaped, or kNone.
size_t find_plain(std::string_view text, std::string_view wanted);

// True if a backslash protects the last character.
bool ends_escaped(std::string_view text);

// Without the white space around it, unless that is escaped.
std::string_view trim(std::string_view text);

// A piece of an entry, and the quote that stood around all of it, if one did.
struct Piece {
  std::string_view raw;
  char quote = 0;
};
Piece strip_quotes(Piece piece);

// Copies a piece into the buffer, terminated, with the escapes of the grammar (\; \\ \n \= \@) replaced, and
// those of the characters in `more`. Other backslashes stay.
std::string_view store(Piece piece, std::string_view more, Text &buffer);

}  // namespace quoting
}  // namespace axshim
