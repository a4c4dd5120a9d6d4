// The templates of AXSHIM_LOG and of the declared cleanups: %p %P %e %h %t %%.
#pragma once

#include <stdint.h>

#include <string_view>

#include "base/text.h"

namespace axshim {

struct TemplateValues {
  int pid;                   // %p
  int ppid;                  // %P
  std::string_view program;  // %e, a base name
  std::string_view host;     // %h
  int64_t start_seconds;     // %t, since the epoch
};

// False, with the reason in `why`, for an unknown `%x` or a `%` at the end. Signal-safe.
bool validate_template(std::string_view path, Text &why);

// Appends the expanded template. False if it is not valid or `out` is too small for it (what is in `out` then
// is of no use). Signal-safe.
bool expand_template(std::string_view path, const TemplateValues &values, Text &out);

}  // namespace axshim
