// The environment as an array; getenv may not be called where the program was stopped in setenv.
#pragma once

#include <string.h>

#include <string_view>

#include "base/text.h"

namespace axshim {

// The value of `name` in `envp`, nullptr where it is not set. Signal-safe.
inline const char *find_variable(char *const *envp, std::string_view name) {
  for (; envp != nullptr && *envp != nullptr; ++envp)
    if (strncmp(*envp, name.data(), name.size()) == 0 && (*envp)[name.size()] == '=')
      return *envp + name.size() + 1;
  return nullptr;
}

// True if this LD_PRELOAD (separated by colons or spaces) names our library. Signal-safe.
bool preloads_us(std::string_view list);

// Appends the list without our library; false if nothing is left. Signal-safe.
bool append_preload_without_us(Text &out, std::string_view list);

}  // namespace axshim
