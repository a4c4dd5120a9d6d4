#include "environ.h"

#include <link.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>

#include "base/environment.h"
#include "base/pages.h"
#include "cleanup/adopt.h"
#include "settings.h"

namespace axshim {
namespace {

constexpr std::string_view kPrefix = "AXSHIM_";
constexpr std::string_view kPreload = "LD_PRELOAD=";

bool starts_with(const char *variable, std::string_view prefix) {
  // NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): the list ends at the first null pointer
  return strncmp(variable, prefix.data(), prefix.size()) == 0;
}

// Takes it out of a list of libraries; false if nothing is left of that.
bool take_out(char *variable) {
  char *value = variable + kPreload.size();
  const size_t size = strlen(value) + 1;
  char *copy = static_cast<char *>(map_pages(size));
  if (copy == nullptr) return true;
  Text without(copy, size);
  const bool any = append_preload_without_us(without, value);
  if (any) memcpy(value, copy, without.size() + 1);  // shorter than before, so it fits where it stood
  unmap_pages(copy, size);
  return any;
}

bool is_ours(char *variable) {
  return starts_with(variable, kPrefix) || (starts_with(variable, kPreload) && !take_out(variable));
}

// In place. The kernel has put the arguments, the environment and the auxiliary vector one behind the other,
// and programs walk over them: so what is left moves up to the vector, and the arguments to what is left.
char **remove_us(int argc, char **argv) {
  char **const begin = environ, **end = environ;
  while (*end != nullptr) ++end;
  if (begin != argv + argc + 1) {  // libc's own by now: it keeps a pointer to its beginning
    *std::remove_if(begin, end, is_ours) = nullptr;
    return argv;
  }
  char **kept = std::remove_if(std::reverse_iterator(end), std::reverse_iterator(begin), is_ours).base();
  environ = kept;
  return static_cast<char **>(memmove(kept - argc - 1, argv, (argc + 1) * sizeof *argv));
}

size_t size_with_auxiliary_vector(char **environment) {
  while (*environment != nullptr) ++environment;
  const auto *begin = reinterpret_cast<ElfW(auxv_t) *>(environment + 1), *entry = begin;
  while (entry->a_type != AT_NULL) ++entry;
  return (entry + 1 - begin) * sizeof *entry;
}

void set_owner(int argc, char **argv) {
  const std::string_view owner = owner_variable();
  if (owner.empty()) return;
  const std::string_view name = owner.substr(0, owner.find('=') + 1);
  size_t count = 0;
  for (char **variable = environ; *variable != nullptr; ++variable, ++count) {
    if (!starts_with(*variable, name)) continue;
    *variable = const_cast<char *>(owner.data());
    return;
  }
  // Not setenv: it would take the first block of the program's heap. With what lies behind the kernel's.
  const size_t behind = environ == argv + argc + 1 ? size_with_auxiliary_vector(environ) : 0;
  char **copy = static_cast<char **>(map_pages((count + 2) * sizeof *copy + behind));
  if (copy == nullptr) return;
  memcpy(copy, environ, count * sizeof *copy);
  copy[count] = const_cast<char *>(owner.data());
  memcpy(copy + count + 2, environ + count + 1, behind);
  environ = copy;
}

}  // namespace

void remove_variables(char **environment) {
  char **end = environment;
  while (*end != nullptr) ++end;
  *std::remove_if(environment, end, [](char *variable) { return starts_with(variable, kPrefix); }) = nullptr;
}

char **edit_environment(int argc, char **argv) {
  if (environ == nullptr) return argv;
  if (!settings.follow) return remove_us(argc, argv);
  set_owner(argc, argv);
  return argv;
}

}  // namespace axshim
