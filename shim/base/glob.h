// Globs on names, and the choice of AXSHIM_PROGRAMS.
#pragma once

#include <string_view>

namespace axshim {

// `*`, `?`, `[a-z]`, `[!a-z]` or `[^a-z]`, as fnmatch without flags but bytewise; a `[` that is never closed
// stands for itself. The time is at most the product of the lengths. Signal-safe.
bool glob_match(std::string_view pattern, std::string_view name);

// `list`: globs separated by commas, `!glob` excludes. An exclude wins over any include, wherever it stands;
// a list of excludes alone, or of nothing, includes everything else. A glob matches when it matches either
// name. Signal-safe.
bool programs_match(std::string_view list, std::string_view argv0_base, std::string_view exe_base);

}  // namespace axshim
