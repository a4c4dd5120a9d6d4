#include "base/escape.h"

#include <gtest/gtest.h>

#include <string>

namespace axshim {
namespace {

struct StringSink {
  std::string text;
  StringSink &operator<<(char c) {
    text += c;
    return *this;
  }
};

std::string escaped(std::string_view text) {
  StringSink sink;
  append_escaped(sink, text);
  return sink.text;
}

std::string quoted(std::string_view text, size_t limit) {
  StringSink sink;
  append_quoted(sink, text, limit);
  return sink.text;
}

std::string json(std::string_view text) {
  StringSink sink;
  append_json_string(sink, text);
  return sink.text;
}

std::string json_escaped(std::string_view text) {
  StringSink sink;
  append_json_escaped(sink, text);
  return sink.text;
}

const std::string_view kNul("a\0b", 3);

// Byte sequences that are no UTF-8, each for another reason.
const char *const kInvalid[] = {"\x80",
                                "\xbf",
                                "\xc0\xaf",
                                "\xc1\xbf",
                                "\xe0\x80\xaf",
                                "\xed\xa0\x80",
                                "\xed\xbf\xbf",
                                "\xf0\x80\x80\xaf",
                                "\xf4\x90\x80\x80",
                                "\xf5\x80\x80\x80",
                                "\xfe",
                                "\xff",
                                "\xc3",
                                "\xe2\x82",
                                "\xf0\x9f\x98"};

TEST(Utf8, KnowsTheLengthOfACharacter) {
  EXPECT_EQ(utf8_character("a"), 1u);
  EXPECT_EQ(utf8_character("\xc3\xa4"), 2u);
  EXPECT_EQ(utf8_character("\xe2\x82\xac!"), 3u);
  EXPECT_EQ(utf8_character("\xed\x9f\xbf"), 3u);
  EXPECT_EQ(utf8_character("\xf0\x9f\x98\x80"), 4u);
  EXPECT_EQ(utf8_character("\xf4\x8f\xbf\xbf"), 4u);
  EXPECT_EQ(utf8_character(""), 0u);
  for (const char *bytes : kInvalid) EXPECT_EQ(utf8_character(bytes), 0u) << bytes;
}

TEST(Escaped, KeepsTextAndShowsControlCharacters) {
  EXPECT_EQ(escaped("/tmp/\xc3\xa4 '\"\\"), "/tmp/\xc3\xa4 '\"\\");
  EXPECT_EQ(escaped("a\n\t\x1b[0m\x7f"), "a\\x0a\\x09\\x1b[0m\\x7f");
  EXPECT_EQ(escaped(kNul),
            "a\\x00"
            "b");
  EXPECT_EQ(escaped("\xc2\x9b"
                    "0m"),
            "\\xc2\\x9b"
            "0m");
  EXPECT_EQ(escaped("\xc2\xa0"), "\xc2\xa0");
}

// They would turn the rest of the line around, or begin another.
const std::pair<const char *, const char *> kTurnsOrBreaks[] = {
    {"\xd8\x9c", "061c"},     {"\xe2\x80\x8e", "200e"}, {"\xe2\x80\x8f", "200f"},
    {"\xe2\x80\xa8", "2028"}, {"\xe2\x80\xa9", "2029"}, {"\xe2\x80\xaa", "202a"},
    {"\xe2\x80\xae", "202e"}, {"\xe2\x81\xa6", "2066"}, {"\xe2\x81\xa9", "2069"}};

TEST(Escaped, ShowsWhatTurnsOrBreaksALine) {
  for (const auto &[character, code] : kTurnsOrBreaks) {
    EXPECT_EQ(escaped(character).size(), 4 * std::string_view(character).size()) << code;
    EXPECT_EQ(json(character), std::string("\"\\u") + code + '"');
    EXPECT_EQ(json_escaped(std::string("{\"a\":\"") + character + "\"}"),
              std::string("{\"a\":\"\\u") + code + "\"}");
  }
  for (const char *harmless : {"\xd8\x9b", "\xe2\x80\x8d", "\xe2\x80\xaf", "\xe2\x81\xaa", "\xe2\x80\x93"})
    EXPECT_EQ(escaped(harmless), harmless);
}

TEST(JsonEscaped, LeavesJsonAsItIs) {
  const std::string_view plain = "{\"a\": [1, \"\xc3\xa4\\n\"]}\n\t";
  EXPECT_EQ(json_escaped(plain), plain);
  EXPECT_EQ(json_escaped("\"\xc2\x9b\x7f\xff\""), R"("\u009b\u007f\\xff")");
}

TEST(Escaped, ShowsEachByteThatIsNotUtf8) {
  EXPECT_EQ(escaped("a\xff\xc3\xa4\xc3"), "a\\xff\xc3\xa4\\xc3");
  for (const char *bytes : kInvalid) EXPECT_EQ(escaped(bytes).size(), 4 * std::string_view(bytes).size());
}

TEST(Quoted, CutsBetweenCharacters) {
  EXPECT_EQ(quoted("abc", 3), "'abc'");
  EXPECT_EQ(quoted("abcd", 3), "'abc...'");
  EXPECT_EQ(quoted("ab\xc3\xa4", 3), "'ab...'");
  EXPECT_EQ(quoted("\n\n", 7), "'\\x0a...'");
}

TEST(JsonString, EscapesWhatJsonDemands) {
  EXPECT_EQ(json("a \"b\" \\ /"), R"("a \"b\" \\ /")");
  EXPECT_EQ(json("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(json("\x01\x1f\x7f"), R"("\u0001\u001f\u007f")");
  EXPECT_EQ(json(kNul), R"("a\u0000b")");
  EXPECT_EQ(json("\xc2\x85"), R"("\u0085")");
  EXPECT_EQ(json("\xf0\x9f\x98\x80"), "\"\xf0\x9f\x98\x80\"");
  EXPECT_EQ(json(""), "\"\"");
}

TEST(JsonString, WritesBytesThatAreNotUtf8AsPeopleSeeThem) {
  EXPECT_EQ(json("a\xff"), R"("a\\xff")");
  EXPECT_EQ(json("\xed\xa0\x80"), R"("\\xed\\xa0\\x80")");
}

}  // namespace
}  // namespace axshim
