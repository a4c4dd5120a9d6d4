#include "cleanup/quoting.h"

#include "base/escape.h"

namespace axshim {
namespace quoting {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

bool Scanner::step() {
  if (next >= text.size()) return false;
  at = next;
  escaped = c() == '\\' && quote != '\'' && at + 1 < text.size();
  next = at + (escaped ? 2 : 1);
  const bool opens = !quote && (c() == '"' || c() == '\'') && (!within_lines || closed_on_line());
  const bool closes = quote && c() == quote;
  delimiter = opens || closes;
  plain = !quote && !escaped && !opens;
  if (delimiter) quote = opens ? c() : 0;
  return true;
}

bool Scanner::closed_on_line() const {
  Scanner inside{from(text, at + 1), c()};
  while (inside.step() && inside.c() != '\n')
    if (inside.delimiter) return true;
  return false;
}

char open_quote(std::string_view text) {
  Scanner s{text};
  while (s.step()) continue;
  return s.quote;
}

size_t find_plain(std::string_view text, std::string_view wanted) {
  for (Scanner s{text}; s.step();)
    if (s.plain && wanted.find(s.c()) != kNone) return s.at;
  return kNone;
}

bool ends_escaped(std::string_view text) {
  size_t backslashes = 0;
  while (backslashes + 1 < text.size() && text[text.size() - 2 - backslashes] == '\\') backslashes++;
  return backslashes % 2 == 1;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back()) && !ends_escaped(text)) text.remove_suffix(1);
  return text;
}

Piece strip_quotes(Piece piece) {
  Scanner s{piece.raw};
  if (piece.quote || !s.step() || !s.delimiter) return piece;
  const char quote = s.quote;
  while (s.step() && !s.delimiter) continue;
  if (s.quote || s.next != piece.raw.size()) return piece;
  return {upto(from(piece.raw, 1), piece.raw.size() - 2), quote};
}

std::string_view store(Piece piece, std::string_view more, Text &buffer) {
  const auto is_escape = [&](char c) {
    return std::string_view(";\\=@").find(c) != kNone || more.find(c) != kNone;
  };
  const size_t start = buffer.size();
  for (Scanner s{piece.raw, piece.quote}; s.step();) {
    if (s.escaped && s.protected_one() == 'n') {
      buffer << '\n';
    } else if (s.escaped && is_escape(s.protected_one())) {
      buffer << s.protected_one();
    } else {
      buffer << upto(from(piece.raw, s.at), s.next - s.at);
    }
  }
  const size_t end = buffer.size();
  buffer << '\0';
  return {buffer.c_str() + start, end - start};
}

}  // namespace quoting

size_t split_words(std::string_view argument, std::span<char *> words, std::span<char> storage, Text &why) {
  const bool only_check = words.empty();
  const size_t most = only_check ? kMaxWords : words.size() - 1;
  size_t count = 0, used = 0, program_size = 0;
  bool in_word = false;
  const auto put = [&](char c) {
    if (used < storage.size()) storage[used] = c;
    used++;
  };
  const auto end_word = [&] {
    if (in_word && count == 1) program_size = used;
    if (in_word) put('\0');
    in_word = false;
  };

  quoting::Scanner s{argument};
  while (s.step()) {
    if (s.plain && quoting::is_blank(s.c())) {
      end_word();
      continue;
    }
    if (s.escaped && s.protected_one() == '\n') continue;  // a line that goes on
    if (!in_word) {
      if (count == most) {
        why << "too many words (allowed: ";
        why.dec(static_cast<int64_t>(most)) << ')';
        return 0;
      }
      if (!only_check) words[count] = storage.data() + used;
      count++;
      in_word = true;
    }
    if (s.delimiter) continue;
    if (s.escaped) {
      // In double quotes a backslash protects only what is special there.
      const bool removed = !s.quote || std::string_view("\"\\$`").find(s.protected_one()) != quoting::kNone;
      if (!removed) put('\\');
      put(s.protected_one());
    } else {
      put(s.c());
    }
  }
  end_word();

  if (s.quote) {
    why << "a " << s.quote << " is never closed (allowed: quotes in pairs, \\" << s.quote
        << " for a plain one)";
  } else if (program_size == 0) {
    why << "no program to run (allowed: exec:PROGRAM ARGUMENTS, quoted as in a shell)";
  } else if (!only_check && used > storage.size()) {
    why << "too long";
  } else {
    if (!only_check) words[count] = nullptr;
    return count;
  }
  return 0;
}

}  // namespace axshim
