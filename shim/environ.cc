#include "environ.h"

#include <string.h>
#include <unistd.h>

#include "base/environment.h"
#include "base/pages.h"
#include "cleanup/adopt.h"
#include "settings.h"

namespace axshim {
namespace {

constexpr std::string_view kPrefix = "AXSHIM_";
constexpr std::string_view kPreload = "LD_PRELOAD=";

bool starts_with(const char *variable, std::string_view prefix) {
  return strncmp(variable, prefix.data(), prefix.size()) == 0;
}

// In place: the array is the kernel's, and the program's main gets it too.
void remove_us() {
  char **kept = environ;
  for (char **variable = environ; *variable != nullptr; ++variable) {
    if (starts_with(*variable, kPrefix)) continue;
    if (starts_with(*variable, kPreload)) {
      // Shorter than before, so it fits where it stood.
      char *value = *variable + kPreload.size();
      const size_t size = strlen(value) + 1;
      char *copy = static_cast<char *>(map_pages(size));
      if (copy == nullptr) continue;
      Text without(copy, size);
      const bool any = append_preload_without_us(without, value);
      if (any) memcpy(value, copy, without.size() + 1);
      unmap_pages(copy, size);
      if (!any) continue;
    }
    *kept++ = *variable;
  }
  *kept = nullptr;
}

void set_owner() {
  const std::string_view owner = owner_variable();
  if (owner.empty()) return;
  const std::string_view name = owner.substr(0, owner.find('=') + 1);
  size_t count = 0;
  for (char **variable = environ; *variable != nullptr; ++variable, ++count) {
    if (!starts_with(*variable, name)) continue;
    *variable = const_cast<char *>(owner.data());
    return;
  }
  // Not setenv: it would take the first block of the program's heap.
  char **copy = static_cast<char **>(map_pages((count + 2) * sizeof *copy));
  if (copy == nullptr) return;
  memcpy(copy, environ, count * sizeof *copy);
  copy[count] = const_cast<char *>(owner.data());
  environ = copy;
}

}  // namespace

void edit_environment() {
  if (environ == nullptr) return;
  if (settings.follow) {
    set_owner();
  } else {
    remove_us();
  }
}

}  // namespace axshim
