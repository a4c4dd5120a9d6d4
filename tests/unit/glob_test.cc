#include "base/glob.h"

#include <fnmatch.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

namespace axshim {
namespace {

TEST(Glob, MatchesStarsMarksAndSets) {
  EXPECT_TRUE(glob_match("*", ""));
  EXPECT_TRUE(glob_match("*", "anything"));
  EXPECT_TRUE(glob_match("py*3", "python3"));
  EXPECT_TRUE(glob_match("py*3", "py33"));
  EXPECT_TRUE(glob_match("?at", "cat"));
  EXPECT_TRUE(glob_match("[a-c]at", "bat"));
  EXPECT_TRUE(glob_match("[!a-c]at", "rat"));
  EXPECT_TRUE(glob_match("[^a-c]at", "rat"));
  EXPECT_TRUE(glob_match("[]x]", "]"));
  EXPECT_TRUE(glob_match("a[b-]c", "a-c"));
  EXPECT_TRUE(glob_match("a**b*", "ab"));
  EXPECT_TRUE(glob_match("", ""));
}

TEST(Glob, MatchesTheWholeName) {
  EXPECT_FALSE(glob_match("", "a"));
  EXPECT_FALSE(glob_match("cat", "cats"));
  EXPECT_FALSE(glob_match("cats", "cat"));
  EXPECT_FALSE(glob_match("?", ""));
  EXPECT_FALSE(glob_match("[!a-c]at", "bat"));
  EXPECT_FALSE(glob_match("*.so", "x.so.1"));
  EXPECT_FALSE(glob_match("CAT", "cat"));
}

TEST(Glob, TakesAnUnclosedBracketAsItself) {
  EXPECT_TRUE(glob_match("[", "["));
  EXPECT_TRUE(glob_match("a[bc", "a[bc"));
  EXPECT_TRUE(glob_match("[]", "[]"));
  EXPECT_TRUE(glob_match("[!]", "[!]"));
  EXPECT_FALSE(glob_match("a[bc", "ab"));
}

TEST(Glob, IsNotExponentialInStars) {
  std::string pattern;
  for (int i = 0; i < 100; i++) pattern += "a*";
  EXPECT_FALSE(glob_match(pattern + "b", std::string(10000, 'a')));
}

TEST(Glob, AgreesWithFnmatchOnRandomInput) {
  std::mt19937 random(1);
  const auto pick = [&](const char *alphabet, size_t most) {
    std::string text(random() % (most + 1), ' ');
    for (char &c : text) c = alphabet[random() % strlen(alphabet)];
    return text;
  };
  for (int i = 0; i < 300000; i++) {
    const std::string pattern = pick("ab*?[]!-", 8), name = pick("ab]-", 6);
    // In fnmatch a range whose end is the bracket's close, or reversed, is locale's business; so is "[[".
    if (pattern.find("--") != std::string::npos || pattern.find("[[") != std::string::npos) continue;
    if (pattern.find('[') != std::string::npos && pattern.find('-') != std::string::npos) continue;
    EXPECT_EQ(glob_match(pattern, name), fnmatch(pattern.c_str(), name.c_str(), FNM_NOESCAPE) == 0)
        << pattern << " on " << name;
  }
}

TEST(Programs, AnIncludeMatchesEitherName) {
  EXPECT_TRUE(programs_match("*", "a", "b"));
  EXPECT_TRUE(programs_match("bash", "sh", "bash"));
  EXPECT_TRUE(programs_match("sh", "sh", "bash"));
  EXPECT_TRUE(programs_match("nginx, redis*", "redis-server", "x"));
  EXPECT_FALSE(programs_match("nginx,redis*", "bash", "bash"));
}

TEST(Programs, AnExcludeWinsWhereverItStands) {
  EXPECT_FALSE(programs_match("*,!bash", "sh", "bash"));
  EXPECT_FALSE(programs_match("!bash,*", "sh", "bash"));
  EXPECT_FALSE(programs_match("!sh,bash", "sh", "bash"));
}

TEST(Programs, ExcludesAloneIncludeTheRest) {
  EXPECT_TRUE(programs_match("!bash,!dash", "ls", "ls"));
  EXPECT_FALSE(programs_match("!bash,!dash", "dash", "dash"));
}

TEST(Programs, AnEmptyListIncludesAll) {
  EXPECT_TRUE(programs_match("", "a", "a"));
  EXPECT_TRUE(programs_match(" , ,!", "a", "a"));
}

}  // namespace
}  // namespace axshim
