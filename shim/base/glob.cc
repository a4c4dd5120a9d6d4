#include "base/glob.h"

#include <stddef.h>

namespace axshim {
namespace {

constexpr size_t kNone = std::string_view::npos;

// The index behind the bracket expression that opens at `open`; kNone if it is never closed. A `]` that
// comes first is a member.
size_t bracket_end(std::string_view pattern, size_t open) {
  size_t at = open + 1;
  if (at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^')) at++;
  const size_t close = pattern.find(']', at + 1);
  return close == kNone ? kNone : close + 1;
}

// `set` is what stands between the brackets.
bool in_set(std::string_view set, char c) {
  const auto byte = [](char x) { return static_cast<unsigned char>(x); };
  const bool negated = set[0] == '!' || set[0] == '^';
  bool found = false;
  for (size_t i = negated; i < set.size(); i++) {
    if (i + 2 < set.size() && set[i + 1] == '-') {
      found |= byte(set[i]) <= byte(c) && byte(c) <= byte(set[i + 2]);
      i += 2;
    } else {
      found |= set[i] == c;
    }
  }
  return found != negated;
}

// Matches one character that is not a star: how much of the pattern it used up, 0 if it does not match.
size_t match_one(std::string_view pattern, size_t at, char c) {
  if (pattern[at] == '?') return 1;
  if (pattern[at] == '[') {
    const size_t end = bracket_end(pattern, at);
    if (end != kNone)
      return in_set(std::string_view(pattern.data() + at + 1, end - at - 2), c) ? end - at : 0;
  }
  return pattern[at] == c;
}

}  // namespace

bool glob_match(std::string_view pattern, std::string_view name) {
  size_t p = 0, n = 0;
  size_t star = kNone, star_name = 0;  // the last star seen, and how far it reaches for now
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_name = n;
      continue;
    }
    const size_t used = p < pattern.size() ? match_one(pattern, p, name[n]) : 0;
    if (used != 0) {
      p += used;
      n++;
    } else if (star != kNone) {  // only the last star need ever be tried again
      p = star + 1;
      n = ++star_name;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') p++;
  return p == pattern.size();
}

bool programs_match(std::string_view list, std::string_view argv0_base, std::string_view exe_base) {
  bool included = false, has_includes = false;
  while (!list.empty()) {
    const size_t comma = list.find(',');
    std::string_view glob(list.data(), comma == kNone ? list.size() : comma);
    list.remove_prefix(comma == kNone ? list.size() : comma + 1);

    while (!glob.empty() && glob.front() == ' ') glob.remove_prefix(1);
    while (!glob.empty() && glob.back() == ' ') glob.remove_suffix(1);
    const bool exclude = !glob.empty() && glob.front() == '!';
    if (exclude) glob.remove_prefix(1);
    if (glob.empty()) continue;

    const bool matches = glob_match(glob, argv0_base) || glob_match(glob, exe_base);
    if (exclude && matches) return false;
    if (!exclude) has_includes = true;
    if (!exclude && matches) included = true;
  }
  return included || !has_includes;
}

}  // namespace axshim
