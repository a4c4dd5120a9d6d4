#include "base/path_template.h"

#include "base/escape.h"

namespace axshim {
namespace {

// Appends what `%letter` stands for; false if it stands for nothing.
bool expand(char letter, const TemplateValues &values, Text &out) {
  switch (letter) {
    case 'p':
      out.dec(values.pid);
      return true;
    case 'P':
      out.dec(values.ppid);
      return true;
    case 'e':
      out << values.program;
      return true;
    case 'h':
      out << values.host;
      return true;
    case 't':
      out.dec(values.start_seconds);
      return true;
    case '%':
      out << '%';
      return true;
    default:
      return false;
  }
}

constexpr std::string_view kAllowed =
    " (allowed: %p pid, %P parent pid, %e program, %h host, %t start time, %% a percent sign)";

}  // namespace

bool validate_template(std::string_view path, Text &why) {
  char scratch[8];
  for (size_t i = 0; i < path.size(); i++) {
    if (path[i] != '%') continue;
    if (++i == path.size()) {
      why << "'%' at the end" << kAllowed;
      return false;
    }
    Text ignored(scratch);
    if (expand(path[i], TemplateValues{}, ignored)) continue;
    why << "unknown ";
    const std::string_view rest(path.data() + i, path.size() - i);
    const size_t character = utf8_character(rest);
    append_quoted(why, std::string_view(path.data() + i - 1, 1 + (character ? character : 1)));
    why << kAllowed;
    return false;
  }
  return true;
}

bool expand_template(std::string_view path, const TemplateValues &values, Text &out) {
  for (size_t i = 0; i < path.size(); i++) {
    if (path[i] != '%') {
      out << path[i];
    } else if (++i == path.size() || !expand(path[i], values, out)) {
      return false;
    }
  }
  return !out.truncated();
}

}  // namespace axshim
