// Foreign text made harmless: control characters and bytes that are not UTF-8 never reach a terminal, a log
// or a JSON reader. The sinks are anything with `operator<<(char)`. Everything here is signal-safe.
#pragma once

#include <stddef.h>

#include <string_view>

namespace axshim {

// The length of the well-formed UTF-8 character at the start of `text`, 1 to 4; 0 if there is none (a stray
// or cut byte, an overlong form, a surrogate, above U+10FFFF). Signal-safe.
size_t utf8_character(std::string_view text);

namespace escape_detail {

template <class Sink>
void hex_byte(Sink &sink, unsigned char byte) {
  sink << "0123456789abcdef"[byte >> 4];
  sink << "0123456789abcdef"[byte & 15];
}

// U+0000 to U+001F, U+007F, and U+0080 to U+009F: terminals obey the last ones too.
inline bool is_control(std::string_view character) {
  const unsigned char first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first < 0x20 || first == 0x7f;
  return first == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0;
}

// Calls visit(character, valid) for each character, and for each byte that is part of none.
template <class Visit>
void each_character(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const size_t length = utf8_character(text);
    visit(std::string_view(text.data(), length ? length : 1), length != 0);
    text.remove_prefix(length ? length : 1);
  }
}

}  // namespace escape_detail

// For people: each byte of a control character and each byte that is not UTF-8 becomes \xNN. A backslash
// stays as it is, so this can't be read back. Signal-safe.
template <class Sink>
void append_escaped(Sink &sink, std::string_view text) {
  escape_detail::each_character(text, [&](std::string_view character, bool valid) {
    const bool escape = !valid || escape_detail::is_control(character);
    for (char c : character) {
      if (escape) {
        sink << '\\' << 'x';
        escape_detail::hex_byte(sink, static_cast<unsigned char>(c));
      } else {
        sink << c;
      }
    }
  });
}

// The same in single quotes, cut where it would take more than `limit` bytes: for error messages.
// Signal-safe.
template <class Sink>
void append_quoted(Sink &sink, std::string_view text, size_t limit = 80) {
  size_t shown = 0;
  bool cut = false;
  sink << '\'';
  escape_detail::each_character(text, [&](std::string_view character, bool valid) {
    const bool escape = !valid || escape_detail::is_control(character);
    shown += character.size() * (escape ? 4 : 1);
    cut = cut || shown > limit;
    if (!cut) append_escaped(sink, character);
  });
  if (cut) sink << '.' << '.' << '.';
  sink << '\'';
}

// A whole JSON string, quotes included. Control characters become \u00NN (or \n, \t…). A byte NN that is not
// UTF-8 becomes the text \xNN, written "\\xNN": always valid JSON, decodes to what append_escaped shows
// people, and can't be mistaken for a character (as \u00NN could); it is ambiguous only with a literal \xNN.
// Signal-safe.
template <class Sink>
void append_json_string(Sink &sink, std::string_view text) {
  sink << '"';
  escape_detail::each_character(text, [&](std::string_view character, bool valid) {
    const char first = character[0];
    const size_t named = std::string_view("\"\\\b\f\n\r\t").find(first);
    if (!valid) {
      sink << '\\' << '\\' << 'x';
      escape_detail::hex_byte(sink, static_cast<unsigned char>(first));
    } else if (named != std::string_view::npos) {
      sink << '\\' << "\"\\bfnrt"[named];
    } else if (escape_detail::is_control(character)) {
      sink << '\\' << 'u' << '0' << '0';
      // The last byte of U+0080 to U+009F in UTF-8 is the code point itself.
      escape_detail::hex_byte(sink, static_cast<unsigned char>(character.back()));
    } else {
      for (char c : character) sink << c;
    }
  });
  sink << '"';
}

}  // namespace axshim
