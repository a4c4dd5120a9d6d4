#include "cleanup/declared.h"

#include "base/duration.h"
#include "base/escape.h"
#include "base/path_template.h"
#include "base/signals.h"

namespace axshim {
namespace {

using namespace quoting;

constexpr std::string_view kQuotes = "\"'";

bool refuse(Text &why, std::string_view before, std::string_view quoted, std::string_view after) {
  why << before;
  append_quoted(why, quoted);
  why << after;
  return false;
}

// "the path is missing in 'x' (allowed: unlink:PATH)"
bool refuse_form(Text &why, const char *missing, std::string_view raw, Action action) {
  why << "the " << missing;
  refuse(why, " is missing in ", raw, " (allowed: ");
  why << info(action).form << ')';
  return false;
}

bool find_action(std::string_view word, Action &action, Text &why) {
  for (size_t i = 0; i < std::size(kActions); i++) {
    if (word != kActions[i].name) continue;
    action = static_cast<Action>(i);
    return true;
  }
  refuse(why, "unknown action ", word, " (allowed: ");
  for (const ActionInfo &known : kActions) why << (&known == kActions ? "" : ", ") << known.name;
  why << ')';
  return false;
}

bool parse_option(std::string_view option, bool &when_given, Declared &out, Text &why) {
  using When = Declared::When;
  constexpr std::string_view kTimeout = "timeout=";
  if (option == "any" || option == "orderly" || option == "forced") {
    const When when = option == "any" ? When::any : option == "orderly" ? When::orderly : When::forced;
    if (when_given && when != out.when)
      return refuse(why, "option ", option,
                    " contradicts an earlier one (allowed: one of any, orderly, forced)");
    when_given = true;
    out.when = when;
  } else if (option == "children") {
    out.children = true;
  } else if (option == "daemon") {
    out.daemon = true;
  } else if (option.size() >= kTimeout.size() && upto(option, kTimeout.size()) == kTimeout) {
    if (out.timeout_ns >= 0) return refuse(why, "option ", option, " is the second timeout (allowed: one)");
    if (!parse_duration(from(option, kTimeout.size()), out.timeout_ns, why)) return false;
  } else {
    return refuse(
        why, "unknown option ", option,
        " (allowed: any, orderly, forced, children, daemon, timeout=DURATION; write \\@ for a plain @)");
  }
  return true;
}

// Cuts the options off the argument: what follows the last plain " @".
bool take_options(std::string_view &argument, Declared &out, Text &why) {
  size_t found = kNone;
  bool after_space = false;
  for (Scanner s{argument}; s.step();) {
    if (after_space && s.plain && s.c() == '@') found = s.at;
    after_space = s.plain && s.c() == ' ';
  }
  if (found == kNone) return true;
  std::string_view rest = from(argument, found + 1);
  argument = upto(argument, found - 1);

  bool when_given = false;
  for (bool more = true; more;) {
    const size_t comma = rest.find(',');
    more = comma != kNone;
    if (!parse_option(trim(upto(rest, more ? comma : rest.size())), when_given, out, why)) return false;
    if (more) rest = from(rest, comma + 1);
  }
  return true;
}

bool is_short_enough(std::string_view what, std::string_view text, size_t limit, Text &why) {
  if (text.size() <= limit) return true;
  why << "the " << what << " is too long (";
  why.dec(static_cast<int64_t>(text.size())) << " bytes, allowed: ";
  why.dec(static_cast<int64_t>(limit)) << ')';
  return false;
}

bool store_path(Piece piece, Declared &out, Text &buffer, Text &why) {
  out.argument = store(strip_quotes(piece), kQuotes, buffer);
  if (out.argument.empty()) return refuse_form(why, "path", piece.raw, out.action);
  return is_short_enough("path", out.argument, kMaxPath, why) && validate_template(out.argument, why);
}

bool store_write(Piece piece, Declared &out, Text &buffer, Text &why) {
  size_t equals = kNone;
  for (Scanner s{piece.raw, piece.quote}; equals == kNone && s.step();)
    if (s.c() == '=' && !s.escaped && s.quote == piece.quote) equals = s.at;
  if (equals == kNone) return refuse_form(why, "text", piece.raw, out.action);
  if (!store_path({upto(piece.raw, equals), piece.quote}, out, buffer, why)) return false;
  out.text = store({from(piece.raw, equals + 1), piece.quote}, kQuotes, buffer);
  return is_short_enough("text", out.text, kMaxCommand, why) && validate_template(out.text, why);
}

bool store_kill(Piece piece, Declared &out, Text &buffer, Text &why) {
  const size_t slash = piece.raw.rfind('/');
  if (slash == kNone) return refuse_form(why, "signal", piece.raw, out.action);
  const std::string_view signal = from(piece.raw, slash + 1);
  out.signal = signal_number(signal);
  if (out.signal != 0) return store_path({upto(piece.raw, slash), piece.quote}, out, buffer, why);
  refuse(why, "", signal, " is not a signal (allowed: kill:PIDFILE/SIGNAL with ");
  append_signal_list(why, SignalSet{0x7fffffff});
  why << ", RTMIN+0 to RTMIN+30)";
  return false;
}

bool is_identifier(std::string_view text, std::string_view more) {
  for (char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (!letter && !(c >= '0' && c <= '9') && more.find(c) == kNone) return false;
  }
  return !text.empty() && !(text.front() >= '0' && text.front() <= '9');
}

bool store_call(std::string_view raw, Declared &out, Text &buffer, Text &why) {
  out.argument = store({raw}, "", buffer);
  return is_identifier(out.argument, ".$") ||
         refuse(why, "", out.argument,
                " is not a symbol (allowed: letters, digits, _ . $; of a C++ function the mangled name)");
}

bool store_argument(std::string_view raw, Declared &out, Text &buffer, Text &why) {
  if (out.action == Action::flush)
    return raw.empty() || refuse(why, "flush takes no argument, not ", raw, " (allowed: flush:)");
  if (raw.empty()) return refuse_form(why, "argument", info(out.action).name, out.action);
  switch (out.action) {
    case Action::write:
      return store_write(strip_quotes({raw}), out, buffer, why);
    case Action::kill:
      return store_kill(strip_quotes({raw}), out, buffer, why);
    case Action::call:
      return store_call(raw, out, buffer, why);
    case Action::exec:
      out.argument = store({raw}, "", buffer);
      return is_short_enough("command", out.argument, kMaxCommand, why) &&
             validate_template(out.argument, why) && split_words(out.argument, {}, {}, why) != 0;
    case Action::sh:
      out.argument = store(strip_quotes({raw}), "", buffer);
      if (out.argument.empty()) return refuse_form(why, "command", raw, out.action);
      return is_short_enough("command", out.argument, kMaxCommand, why) &&
             validate_template(out.argument, why);
    default:
      return store_path({raw}, out, buffer, why);
  }
}

// The program that a command line begins with. Assignments before it (PASSWORD=x prog) are passed over: a
// name goes into every record, and must not carry secrets there.
std::string_view program_of(std::string_view command, std::string_view separators) {
  size_t start = kNone;
  Scanner s{command};
  for (bool more = true; more;) {
    more = s.step();
    const bool separator = !more || (s.plain && separators.find(s.c()) != kNone);
    if (!separator) {
      if (start == kNone) start = s.at;
    } else if (start != kNone) {
      const std::string_view word = upto(from(command, start), (more ? s.at : command.size()) - start);
      if (!is_identifier(upto(word, word.find('=') == kNone ? 0 : word.find('=')), "")) return word;
      start = kNone;
    }
  }
  return {};
}

// As written; for exec and sh the action and the program alone.
void store_default_name(std::string_view raw, Declared &out, Text &buffer) {
  if (out.action == Action::exec) raw = strip_quotes({program_of(out.argument, " \t\r\n")}).raw;
  if (out.action == Action::sh) raw = strip_quotes({program_of(out.argument, " \t\r\n;&|<>()`")}).raw;
  const size_t start = buffer.size();
  buffer << info(out.action).name << ':' << raw;
  out.name = {buffer.c_str() + start, buffer.size() - start};
  buffer << '\0';
}

bool store_name(std::string_view raw, Declared &out, Text &buffer, Text &why) {
  // A colon in a name has to be escaped, so that escape is replaced too.
  out.name = store(strip_quotes({raw}), "\"':", buffer);
  if (out.name.empty()) return refuse(why, "the name before ", "=", " is empty");
  for (char c : out.name)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      return refuse(why, "the name ", out.name, " holds a control character");
  return true;
}

}  // namespace

size_t EntrySplitter::entry_end() const {
  if (source_ == Source::file) return rest_.find('\n') == kNone ? rest_.size() : rest_.find('\n');
  for (const bool within_lines : {false, true}) {
    Scanner s{rest_, 0, within_lines};
    while (s.step())
      if (s.plain && (s.c() == ';' || s.c() == '\n')) return s.at;
    if (!s.quote) break;
  }
  return rest_.size();
}

bool EntrySplitter::next(std::string_view &entry) {
  while (!rest_.empty()) {
    const size_t end = entry_end();
    entry = trim(upto(rest_, end));
    rest_ = from(rest_, end < rest_.size() ? end + 1 : end);
    if (source_ == Source::file) {
      if (!entry.empty() && entry.front() == '#') continue;
      while (!entry.empty() && entry.back() == ';' && !ends_escaped(entry))
        entry = trim(upto(entry, entry.size() - 1));
    }
    if (!entry.empty()) return true;
  }
  return false;
}

bool parse_entry(std::string_view entry, std::span<char> buffer, Declared &out, Text &why) {
  out = Declared{};
  entry = trim(entry);
  if (entry.find('\0') != kNone) return refuse(why, "", entry, " holds a NUL byte");
  if (const char quote = open_quote(entry)) {
    refuse(why, "", entry, " holds a ");
    why << quote << " that is never closed (allowed: quotes in pairs, \\" << quote << " for a plain one)";
    return false;
  }

  std::string_view name, rest = entry;
  size_t mark = find_plain(entry, "=:");
  const bool named = mark != kNone && entry[mark] == '=';
  if (named) {
    name = trim(upto(entry, mark));
    rest = from(entry, mark + 1);
    mark = find_plain(rest, ":");
  }
  if (mark == kNone)
    return refuse(why, "no action in ", entry, " (allowed: [NAME=]ACTION:ARGUMENT [ @OPTIONS])");

  Text text(buffer.data(), buffer.size());
  std::string_view argument = from(rest, mark + 1);
  if (!find_action(trim(upto(rest, mark)), out.action, why) || !take_options(argument, out, why))
    return false;
  argument = trim(argument);
  if (!store_argument(argument, out, text, why)) return false;
  if (!named) store_default_name(argument, out, text);
  if (named && !store_name(name, out, text, why)) return false;
  return !text.truncated() || refuse(why, "", entry, " is too long");
}

}  // namespace axshim
