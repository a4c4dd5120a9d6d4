// Foreign text as a terminal may see it, and how much room it takes there.
#pragma once

#include <stdio.h>

#include <string>
#include <string_view>

#include "base/escape.h"

namespace axshim::tool {

// What the escapes go to.
struct TextSink {
  std::string text;
  TextSink &operator<<(char c) {
    text += c;
    return *this;
  }
};

inline std::string shown(std::string_view text) {
  TextSink result;
  append_escaped(result, text);
  return result.text;
}

// A line on stderr.
inline void complain(std::string_view text) { fprintf(stderr, "axshim: %s\n", shown(text).c_str()); }

// A character of several bytes is one column.
inline size_t columns(std::string_view text) {
  size_t result = 0;
  for (const char c : text) result += (c & 0xc0) != 0x80 ? 1 : 0;
  return result;
}

}  // namespace axshim::tool
