#include "base/duration.h"

#include <gtest/gtest.h>

#include <string>

namespace axshim {
namespace {

int64_t parsed(std::string_view text) {
  char reason[200];
  Text why(reason);
  int64_t nanoseconds = -1;
  EXPECT_TRUE(parse_duration(text, nanoseconds, why)) << why.c_str();
  EXPECT_TRUE(why.empty());
  return nanoseconds;
}

std::string refused(std::string_view text) {
  char reason[200];
  Text why(reason);
  int64_t nanoseconds = -1;
  EXPECT_FALSE(parse_duration(text, nanoseconds, why)) << text;
  EXPECT_EQ(nanoseconds, -1);
  return why.c_str();
}

std::string uptime(int64_t nanoseconds) {
  char buffer[32];
  Text text(buffer);
  append_uptime(text, nanoseconds);
  return text.c_str();
}

constexpr int64_t kSecond = 1'000'000'000;

TEST(Duration, ReadsMillisecondsSecondsAndMinutes) {
  EXPECT_EQ(parsed("500ms"), 500'000'000);
  EXPECT_EQ(parsed("5s"), 5 * kSecond);
  EXPECT_EQ(parsed("2m"), 120 * kSecond);
  EXPECT_EQ(parsed("007s"), 7 * kSecond);
}

TEST(Duration, ZeroNeedsNoUnit) {
  EXPECT_EQ(parsed("0"), 0);
  EXPECT_EQ(parsed("0s"), 0);
}

TEST(Duration, RefusesEverythingElseAndSaysWhatIsAllowed) {
  for (const char *bad :
       {"", "5", "s", "-5s", "+5s", "1.5s", " 5s", "5s ", "5 s", "5h", "5S", "5ss", "ms", "0x5s"})
    EXPECT_NE(refused(bad).find("(allowed: a whole number with ms, s or m"), std::string::npos) << bad;
  EXPECT_EQ(refused("5").find("'5' is not a duration: the unit is missing"), 0u);
  EXPECT_EQ(refused("5x\x1b").find("'5x\\x1b' is not a duration: the unit is unknown"), 0u);
}

TEST(Duration, RefusesWhatNanosecondsCannotHold) {
  EXPECT_EQ(parsed("9223372036s"), 9223372036 * kSecond);
  for (const char *bad : {"9223372037s", "9223372036854775808ms", "99999999999999999999999m", "153722868m"})
    EXPECT_NE(refused(bad).find("too long"), std::string::npos) << bad;
}

TEST(Uptime, ShowsTheTwoLeadingParts) {
  EXPECT_EQ(uptime(2'123'000'000), "2.1s");
  EXPECT_EQ(uptime(45'999'999), "45ms");
  EXPECT_EQ(uptime(192 * kSecond), "3m12s");
  EXPECT_EQ(uptime((5 * 3600 + 2 * 60) * kSecond), "5h02m");
}

TEST(Uptime, NeverRoundsUpIntoTheNextUnit) {
  EXPECT_EQ(uptime(0), "0ms");
  EXPECT_EQ(uptime(-5), "0ms");
  EXPECT_EQ(uptime(kSecond - 1), "999ms");
  EXPECT_EQ(uptime(kSecond), "1.0s");
  EXPECT_EQ(uptime(60 * kSecond - 1), "59.9s");
  EXPECT_EQ(uptime(60 * kSecond), "1m00s");
  EXPECT_EQ(uptime(3600 * kSecond - 1), "59m59s");
  EXPECT_EQ(uptime(86400 * kSecond - 1), "23h59m");
  EXPECT_EQ(uptime(86400 * kSecond), "1d00h");
  EXPECT_EQ(uptime(INT64_MAX), "106751d23h");
}

}  // namespace
}  // namespace axshim
