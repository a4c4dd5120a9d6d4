#include "base/path_template.h"

#include <gtest/gtest.h>

#include <string>

namespace axshim {
namespace {

constexpr TemplateValues kValues = {4242, 17, "prog", "web1", 1769860798};

std::string expanded(std::string_view path) {
  char buffer[256];
  Text out(buffer);
  EXPECT_TRUE(expand_template(path, kValues, out)) << path;
  return out.c_str();
}

std::string refused(std::string_view path) {
  char reason[200], buffer[256];
  Text why(reason), out(buffer);
  EXPECT_FALSE(validate_template(path, why)) << path;
  EXPECT_FALSE(expand_template(path, kValues, out)) << path;
  return why.c_str();
}

TEST(PathTemplate, ReplacesEveryLetter) {
  EXPECT_EQ(expanded("/var/log/%e.%h.%p-%P.%t.log"), "/var/log/prog.web1.4242-17.1769860798.log");
  EXPECT_EQ(expanded("100%%p"), "100%p");
  EXPECT_EQ(expanded("%%%p%%"), "%4242%");
  EXPECT_EQ(expanded(""), "");
}

TEST(PathTemplate, DoesNotExpandWhatItInserted) {
  char buffer[64];
  Text out(buffer);
  EXPECT_TRUE(expand_template("%e", {1, 1, "%p%", "", 0}, out));
  EXPECT_EQ(out.view(), "%p%");
}

TEST(PathTemplate, RefusesUnknownLettersAndSaysWhatIsAllowed) {
  EXPECT_EQ(
      refused("/tmp/%p/%x"),
      "unknown '%x' (allowed: %p pid, %P parent pid, %e program, %h host, %t start time, %% a percent sign)");
  EXPECT_EQ(refused("a%").find("'%' at the end (allowed: "), 0u);
  EXPECT_EQ(refused("%%%").find("'%' at the end"), 0u);
  EXPECT_EQ(refused("%\n").find("unknown '%\\x0a'"), 0u);
  EXPECT_EQ(refused("%\xc3\xa4").find("unknown '%\xc3\xa4'"), 0u);
  EXPECT_EQ(refused("%\xff").find("unknown '%\\xff'"), 0u);
}

TEST(PathTemplate, FailsWhereTheResultDoesNotFit) {
  char exact[5], small[4];
  Text fits(exact), cut(small);
  EXPECT_TRUE(expand_template("%p", kValues, fits));
  EXPECT_EQ(fits.view(), "4242");
  EXPECT_FALSE(expand_template("%p", kValues, cut));
}

}  // namespace
}  // namespace axshim
