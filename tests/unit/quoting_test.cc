#include "cleanup/quoting.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace axshim {
namespace {

using Words = std::vector<std::string>;

Words split(std::string_view argument) {
  char reason[100];
  Text why(reason);
  std::vector<char *> words(8);
  std::vector<char> storage(argument.size() + 1);
  const size_t count = split_words(argument, words, storage, why);
  EXPECT_NE(count, 0u) << why.c_str();
  EXPECT_EQ(words[count], nullptr);
  EXPECT_EQ(split_words(argument, {}, {}, why), count);
  return Words(words.begin(), words.begin() + static_cast<long>(count));
}

std::string refused(std::string_view argument, size_t most = 7) {
  char reason[100];
  Text why(reason);
  std::vector<char *> words(most + 1);
  std::vector<char> storage(argument.size() + 1);
  EXPECT_EQ(split_words(argument, words, storage, why), 0u) << argument;
  return why.c_str();
}

TEST(SplitWords, CutsAtWhiteSpace) {
  EXPECT_EQ(split("prog"), (Words{"prog"}));
  EXPECT_EQ(split("  prog a\t\tb\nc "), (Words{"prog", "a", "b", "c"}));
}

TEST(SplitWords, ReadsQuotesAsAShellDoes) {
  EXPECT_EQ(split("p 'a b' \"c d\""), (Words{"p", "a b", "c d"}));
  EXPECT_EQ(split("p 'a\"b' \"it's\""), (Words{"p", "a\"b", "it's"}));
  EXPECT_EQ(split("p '' \"\""), (Words{"p", "", ""}));
  EXPECT_EQ(split("p a'b c'\"d e\"f"), (Words{"p", "ab cd ef"}));
  EXPECT_EQ(split("'my prog' x"), (Words{"my prog", "x"}));
}

TEST(SplitWords, ReadsBackslashesAsAShellDoes) {
  EXPECT_EQ(split(R"(p a\ b \" \' \\)"), (Words{"p", "a b", "\"", "'", "\\"}));
  EXPECT_EQ(split(R"(p "\"\\\$\`\n")"), (Words{"p", R"("\$`\n)"}));
  EXPECT_EQ(split(R"(p 'a\')"), (Words{"p", "a\\"}));
  EXPECT_EQ(split("p a\\\nb \"c\\\nd\" \\\n"), (Words{"p", "ab", "cd"}));
  EXPECT_EQ(split("p a\\"), (Words{"p", "a\\"}));
}

TEST(SplitWords, ExpandsNothing) { EXPECT_EQ(split("p $HOME *;~ #x"), (Words{"p", "$HOME", "*;~", "#x"})); }

TEST(SplitWords, SaysWhatIsWrong) {
  EXPECT_EQ(refused("p 'a").find("a ' is never closed"), 0u);
  EXPECT_EQ(refused("p \"a\\\"").find("a \" is never closed"), 0u);
  EXPECT_EQ(refused("p a b", 2), "too many words (allowed: 2)");
  for (const char *nothing : {"", "  ", "''", "\"\" x", "\\\n"})
    EXPECT_EQ(refused(nothing).find("no program to run"), 0u);
}

TEST(SplitWords, NeverWritesBehindTheStorage) {
  char reason[100];
  Text why(reason);
  std::vector<char *> words(4);
  std::vector<char> storage(3);
  EXPECT_EQ(split_words("ab cd", words, storage, why), 0u);
  EXPECT_EQ(why.view(), "too long");
}

std::string trimmed(std::string_view text) { return std::string(quoting::trim(text)); }

TEST(Quoting, TrimsWhatIsNotEscaped) {
  EXPECT_EQ(trimmed(" \t\r\na b\n "), "a b");
  EXPECT_EQ(trimmed("a\\  "), "a\\ ");
  EXPECT_EQ(trimmed("a\\\\ "), "a\\\\");
  EXPECT_EQ(trimmed("  "), "");
}

TEST(Quoting, StripsOneWholePairOnly) {
  const auto stripped = [](std::string_view raw) { return std::string(quoting::strip_quotes({raw}).raw); };
  EXPECT_EQ(stripped("'a b'"), "a b");
  EXPECT_EQ(stripped("\"a'b\""), "a'b");
  EXPECT_EQ(stripped("''"), "");
  EXPECT_EQ(stripped("\"a\\\"\""), "a\\\"");
  for (const char *kept : {"", "a", "'", "'a'b", "a'b'", "'a''b'", "'a' 'b'", "\"a\\\""})
    EXPECT_EQ(stripped(kept), kept);
}

}  // namespace
}  // namespace axshim
