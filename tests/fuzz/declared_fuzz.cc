// Any text, as the value of AXSHIM_CLEANUP and as the file of AXSHIM_CLEANUP_FILE: nothing is read or written
// outside, every entry is either taken whole or refused with a reason.
//
//     clang++ -std=c++20 -g -O1 -fsanitize=fuzzer,address,undefined -Ishim tests/fuzz/declared_fuzz.cc \
//         shim/cleanup/{declared,quoting}.cc shim/base/{duration,escape,path_template,signals}.cc
#include <string.h>

#include <vector>

#include "cleanup/declared.h"

namespace axshim {
namespace {

void require(bool condition) {
  if (!condition) __builtin_trap();
}

// Stored in the buffer, terminated, a C string.
void check_stored(std::string_view text, const std::vector<char> &buffer) {
  if (text.data() == nullptr) return;
  require(text.data() >= buffer.data() && text.data() + text.size() < buffer.data() + buffer.size());
  require(strlen(text.data()) == text.size());
}

void check_words(std::string_view argument) {
  char reason[400];
  Text why(reason);
  std::vector<char *> words(kMaxWords + 1);
  std::vector<char> storage(argument.size() + 1);
  const size_t count = split_words(argument, words, storage, why);
  require(count == split_words(argument, {}, {}, why));
  require((count == 0) == !why.empty());
  if (count == 0) return;
  require(words[count] == nullptr && words[0][0] != '\0');
  for (size_t i = 0; i < count; i++)
    require(words[i] >= storage.data() && words[i] + strlen(words[i]) < storage.data() + storage.size());
}

void check_entry(std::string_view entry) {
  char reason[400];
  Text why(reason);
  Declared declared;
  std::vector<char> buffer(parse_buffer_size(entry.size()));
  const bool taken = parse_entry(entry, buffer, declared, why);
  require(taken == why.empty() && !why.truncated());
  require(!why.view().ends_with("' is too long"));  // parse_buffer_size() is enough
  if (!taken) return;
  require(declared.name.data() != nullptr);
  for (std::string_view text : {declared.name, declared.argument, declared.text}) check_stored(text, buffer);
  require((declared.signal != 0) == (declared.action == Action::kill));
  require(declared.argument.empty() == (declared.action == Action::flush));
  if (declared.action == Action::exec) {
    Text none(reason);
    require(split_words(declared.argument, {}, {}, none) != 0);
  }

  std::vector<char> small(1 + entry.size() / 2);
  Text ignored(reason);
  parse_entry(entry, small, declared, ignored);
}

void check_source(std::string_view text, EntrySplitter::Source source) {
  EntrySplitter splitter(text, source);
  const char *last = text.data();
  for (std::string_view entry; splitter.next(entry);) {
    require(!entry.empty() && entry.data() >= last &&
            entry.data() + entry.size() <= text.data() + text.size());
    last = entry.data() + entry.size();
    check_entry(entry);
  }
}

}  // namespace
}  // namespace axshim

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const std::vector<char> exact(data, data + size);  // so that a read behind the end is seen
  const std::string_view text(exact.data(), size);
  axshim::check_source(text, axshim::EntrySplitter::Source::variable);
  axshim::check_source(text, axshim::EntrySplitter::Source::file);
  axshim::check_entry(text);
  axshim::check_words(text.substr(0, text.find('\0')));  // parse_entry lets no NUL through
  return 0;
}
