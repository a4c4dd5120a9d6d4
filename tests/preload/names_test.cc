// Programs have functions of their own by names that libc has, or that the preload interposes. They come
// first in the loader's order: what the shim calls by such a name is theirs.
#include <csignal>
#include <regex>

#include "preload/harness.h"

namespace axshim_test {
namespace {

using testing::IsSubsetOf;

class Names : public PreloadTest {
 protected:
  // The symbols that the loader looks up in all objects for a slot of the library.
  std::vector<std::string> looked_up() {
    std::vector<std::string> names;
    for (const std::string &line : lines(bare({.argv = {"/usr/bin/readelf", "-rW", library()}}).out)) {
      if (line.find("_GLOB_DAT ") == std::string::npos && line.find("_JUMP_SLOT ") == std::string::npos &&
          line.find("_R_X86_64_64 ") == std::string::npos && line.find("_ABS64 ") == std::string::npos)
        continue;
      std::string name = line.substr(0, line.rfind(" + "));
      name = name.substr(name.rfind(' ') + 1);
      names.push_back(name.substr(0, name.find('@')));
    }
    return names;
  }
};

TEST_F(Names, ThatAnotherObjectCanTakeAreFew) {
  const std::vector<std::string> names = looked_up();
  EXPECT_THAT(names, testing::Contains("environ"));  // so there is something to look at
  EXPECT_THAT(names, IsSubsetOf({
                         "environ",                 // the program's copy is the one that counts
                         "__errno_location",        // whoever answers, errno is what all objects agree on
                         "__libc_single_threaded",  // data, libc's or the program's copy of it
                         "_dl_find_object",         // by which all others are found
                         "_r_debug",                // or by this, where glibc is older
                         "_ITM_registerTMCloneTable",
                         "__gmon_start__",  // weak, of the compiler's start files
                         "_ITM_deregisterTMCloneTable",
                     }));
}

// Versions of glibc that the loader insists on, as {2, 35}.
std::vector<std::pair<int, int>> versions_in(const std::string &needs) {
  const std::regex version("Name: GLIBC_(\\d+)\\.(\\d+)");
  std::vector<std::pair<int, int>> versions;
  for (std::sregex_iterator it(needs.begin(), needs.end(), version), end; it != end; ++it)
    versions.emplace_back(std::stoi((*it)[1]), std::stoi((*it)[2]));
  return versions;
}

// A program does not start where the library asks for a version that its glibc has not.
TEST_F(Names, AreAskedForInNoNewVersion) {
  const auto needs_of = [this](const std::string &file) {
    return versions_in(bare({.argv = {"/usr/bin/readelf", "-VW", file}}).out);
  };
  EXPECT_THAT(needs_of("/proc/self/exe"), testing::Contains(testing::Ge(std::pair(2, 2))));  // so it can tell
  EXPECT_THAT(needs_of(library()), testing::Each(testing::Le(std::pair(2, 28))));
}

// Seen to fail: SIGSEGV, for the shim's __sigaction came back to the program's sigaction.
TEST_F(Names, OfWrappersAroundOtherNamesAreNotCalled) {
  const Command command{.argv = {program("wraps_sigaction")}};
  const Outcome plain = bare(command);
  EXPECT_EQ(plain.out, "usr1\nusr2\n");
  expect_same(plain, preloaded(command));
  for (const char *end : {"_exit", "abort"}) {
    SCOPED_TRACE(end);
    const Command ends{.argv = {program("wraps_ends"), end}, .env = {{"AXSHIM_CLEANUP", "sh:true"}}};
    expect_same(bare(ends), recorded(ends));
  }
}

// Seen to fail: its own clone and getauxval were called.
TEST_F(Names, OfTheProgramsOwnFunctionsAreNotCalled) {
  for (const char *end : {"_exit", "15", "11"}) {
    SCOPED_TRACE(end);
    const Command command{.argv = {program("has_names_of_libc"), std::string(end) == "_exit" ? "" : end},
                          .env = {{"AXSHIM_CLEANUP", "sh:true;exec:false"}, {"AXSHIM_LOG", "/nowhere/log"}}};
    const Outcome plain = bare(command), end_with = preloaded(command);
    EXPECT_EQ(end_with.status, plain.status) << describe(end_with.status);
    EXPECT_EQ(end_with.out, "");
  }
}

}  // namespace
}  // namespace axshim_test
