// Foreign text made harmless: control characters, what turns or breaks a line (Unicode's bidirectional
// controls and line separators), and bytes that are not UTF-8 never reach a terminal, a log or a JSON reader.
// The sinks are anything with `operator<<(char)`. Everything here is signal-safe.
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

// Of a well-formed character.
inline unsigned code_point(std::string_view character) {
  constexpr unsigned char kBitsOfFirst[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
  unsigned code = static_cast<unsigned char>(character[0]) & kBitsOfFirst[character.size()];
  for (char c : character.substr(1)) code = code << 6 | (static_cast<unsigned char>(c) & 0x3f);
  return code;
}

// U+0000 to U+001F, U+007F, and U+0080 to U+009F: terminals obey the last ones too. Then those that make the
// rest of the line read otherwise than it is, or begin another (UAX #9, and U+2028 and U+2029).
inline bool is_control(unsigned code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c || code == 0x200e || code == 0x200f ||
         (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}
inline bool is_control(std::string_view character) { return is_control(code_point(character)); }

template <class Sink>
void json_control(Sink &sink, std::string_view character) {
  const unsigned code = code_point(character);
  sink << '\\' << 'u';
  hex_byte(sink, static_cast<unsigned char>(code >> 8));
  hex_byte(sink, static_cast<unsigned char>(code));
}

template <class Sink>
void json_stray_byte(Sink &sink, char byte) {
  sink << '\\' << '\\' << 'x';
  hex_byte(sink, static_cast<unsigned char>(byte));
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

// A whole JSON string, quotes included. Control characters become \uNNNN (or \n, \t…). A byte NN that is not
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
      escape_detail::json_stray_byte(sink, first);
    } else if (named != std::string_view::npos) {
      sink << '\\' << "\"\\bfnrt"[named];
    } else if (escape_detail::is_control(character)) {
      escape_detail::json_control(sink, character);
    } else {
      for (char c : character) sink << c;
    }
  });
  sink << '"';
}

// JSON that somebody else wrote, the same but harmless: what needs it can only stand inside its strings.
template <class Sink>
void append_json_escaped(Sink &sink, std::string_view json) {
  escape_detail::each_character(json, [&](std::string_view character, bool valid) {
    if (!valid)
      escape_detail::json_stray_byte(sink, character[0]);
    else if (escape_detail::is_control(character) && character != "\n" && character != "\t")
      escape_detail::json_control(sink, character);
    else
      for (char c : character) sink << c;
  });
}

}  // namespace axshim
