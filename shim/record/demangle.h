// C++ and Rust names as people write them.
#pragma once

#include <stddef.h>

#include <string_view>

namespace axshim {

// Writes the demangled name, or the name itself where it is plain or too long, to `out`; one that does not
// fit ends in "...". Symbol versions and Rust's hashes are left out. Wants 200 KiB of stack.
// Signal-safe.
void demangle(std::string_view mangled, char *out, size_t capacity);

}  // namespace axshim
