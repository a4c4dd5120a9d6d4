// Foreign text as a terminal may see it, and how much room it takes there.
#pragma once

#include <stdio.h>

#include <sstream>
#include <string>
#include <string_view>

#include "base/escape.h"

namespace axshim::tool {

inline std::string shown(std::string_view text) {
  std::ostringstream result;
  append_escaped(result, text);
  return result.str();
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
