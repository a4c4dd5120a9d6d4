#include "base/environment.h"

#include <gtest/gtest.h>

#include <string>

namespace axshim {
namespace {

std::string without_us(std::string_view list) {
  char buffer[200];
  Text out(buffer);
  return append_preload_without_us(out, list) ? std::string(out.view()) : "(nothing)";
}

TEST(Preload, IsFoundByBaseNameBetweenColonsAndSpaces) {
  EXPECT_TRUE(preloads_us("libaxshim.so"));
  EXPECT_TRUE(preloads_us("/usr/lib/a.so:/opt/libaxshim.so"));
  EXPECT_TRUE(preloads_us("/usr/lib/a.so /opt/libaxshim.so b.so"));
  EXPECT_FALSE(preloads_us(""));
  EXPECT_FALSE(preloads_us("/libaxshim.so/a.so:libaxshim.so.1"));
}

TEST(Preload, IsTakenOutAndTheOthersStay) {
  EXPECT_EQ(without_us("/opt/libaxshim.so"), "(nothing)");
  EXPECT_EQ(without_us("a.so:/opt/libaxshim.so:b.so"), "a.so:b.so");
  EXPECT_EQ(without_us("a.so  libaxshim.so"), "a.so");
}

TEST(FindVariable, WantsTheWholeName) {
  char first[] = "PATHS=no", second[] = "PATH=/bin", third[] = "PATH=/late";
  char *envp[] = {first, second, third, nullptr};
  EXPECT_STREQ(find_variable(envp, "PATH"), "/bin");
  EXPECT_EQ(find_variable(envp, "PAT"), nullptr);
  EXPECT_EQ(find_variable(nullptr, "PATH"), nullptr);
}

}  // namespace
}  // namespace axshim
