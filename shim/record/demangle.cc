#include "record/demangle.h"

#include <string.h>

#define HAVE_DECL_BASENAME 1  // libiberty.h declares another one otherwise
#include <libiberty/demangle.h>
#include <libiberty/safe-ctype.h>

#include <array>

#include "base/text.h"

namespace {

constexpr std::array<unsigned short, 256> classify() {
  std::array<unsigned short, 256> table = {};
  for (int c = '0'; c <= '9'; ++c) table[c] = _sch_isdigit | _sch_isxdigit;
  for (int c = 'a'; c <= 'z'; ++c) table[c] = _sch_islower | _sch_isidst;
  for (int c = 'A'; c <= 'Z'; ++c) table[c] = _sch_isupper | _sch_isidst;
  for (int c = 'a'; c <= 'f'; ++c) table[c] |= _sch_isxdigit;
  for (int c = 'A'; c <= 'F'; ++c) table[c] |= _sch_isxdigit;
  table['_'] = _sch_isidst;
  for (int c = ' '; c < 0x7f; ++c) table[c] |= _sch_isprint;
  return table;
}

}  // namespace

// libiberty's own table stands in a file without the exception that lets its demanglers be linked anywhere.
// This one has what they ask for: letters, digits, what may be printed.
extern "C" [[gnu::visibility("hidden")]] constinit const std::array<unsigned short, 256>
    our_character_table asm("_sch_istable") = classify();

namespace axshim {
namespace {

constexpr size_t kLongest = 1024;  // libiberty's arrays on the stack grow with the name

void append(const char *text, size_t length, void *out) {
  *static_cast<Text *>(out) << std::string_view(text, length);
}

bool demangle_to(Text &out, const char *mangled) {
  // Rust first: its older names look like C++ with a hash at the end.
  if (rust_demangle_callback(mangled, DMGL_PARAMS, append, &out)) return true;
  out.resize(0);
  return cplus_demangle_v3_callback(mangled, DMGL_PARAMS | DMGL_ANSI | DMGL_RET_DROP, append, &out) != 0;
}

}  // namespace

void demangle(std::string_view mangled, char *out, size_t capacity) {
  mangled = mangled.substr(0, mangled.find('@'));
  Text text(out, capacity);
  bool done = false;
  if (mangled.size() <= kLongest && (mangled.starts_with("_Z") || mangled.starts_with("_R"))) {
    char terminated[kLongest + 1];
    memcpy(terminated, mangled.data(), mangled.size());
    terminated[mangled.size()] = '\0';
    done = demangle_to(text, terminated);
  }
  if (!done) text = Text(out, capacity) << mangled;
  if (text.truncated() && capacity > 3) memcpy(out + capacity - 4, "...", 4);
}

}  // namespace axshim
