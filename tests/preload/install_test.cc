// What `make install` leaves, and that manual and completion know every option of the command.
#include <sys/stat.h>

#include <algorithm>
#include <regex>
#include <set>
#include <sstream>

#include "preload/harness.h"

namespace axshim_test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Install : public PreloadTest {
 protected:
  // What is built is taken as it is.
  void SetUp() override {
    const Outcome end = bare({.argv = {"/usr/bin/make", "-s", "-C", source_dir(), "install", "-o",
                                       AXSHIM_BUILD "/libaxshim.so", "-o", "build/libaxshim.so", "-o",
                                       "build/axshim", "DESTDIR=" + root().string(), "PREFIX=/opt"},
                              .env = {{"MAKEFLAGS", ""}, {"MAKELEVEL", ""}, {"MAKEOVERRIDES", ""}}});
    ASSERT_EQ(end.status, exited(0)) << end.out << end.err;
  }
  Path root() const { return file("root"); }
  Path prefix() const { return root() / "opt"; }
  std::string axshim() const { return prefix() / "bin/axshim"; }
  // What ld.so makes of $LIB here: where its own libc is.
  std::string libdir() {
    const std::string maps = read_file("/proc/self/maps");
    const size_t end = maps.find("/libc.so.6\n"), start = maps.rfind("/lib", end - 1);
    return maps.substr(start + 1, end - start - 1);
  }

  std::string help(const std::vector<std::string> &sub) {
    std::vector<std::string> argv = {axshim()};
    argv.insert(argv.end(), sub.begin(), sub.end());
    argv.emplace_back("--help");
    return bare({.argv = argv}).out;
  }
  std::vector<std::string> subcommands() {
    const std::string text = help({});
    std::vector<std::string> result;
    for (const std::string &line : lines(text.substr(text.find("Subcommands:") + 12)))
      if (line.starts_with("  ")) result.push_back(line.substr(2, line.find(' ', 2) - 2));
    return result;
  }
  std::set<std::string> options(const std::vector<std::string> &sub) {
    const std::string text = help(sub);
    const std::regex option("--[a-z-]+");
    std::set<std::string> result;
    for (const std::string &line : lines(text)) {
      if (!line.starts_with("  -")) continue;
      const std::string names = line.substr(2, line.find(' ', 2) - 2);
      for (std::sregex_iterator it(names.begin(), names.end(), option), end; it != end; ++it)
        result.insert(it->str());
    }
    return result;
  }
  // What bash offers after these words, the last of which is not finished.
  std::vector<std::string> completions(const std::vector<std::string> &words) {
    std::string script = "source '" + (prefix() / "share/bash-completion/completions/axshim").string() +
                         "'; COMP_WORDS=(axshim";
    for (const std::string &word : words) script += " '" + word + "'";
    script += "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _axshim; printf '%s\\n' \"${COMPREPLY[@]}\"";
    const Outcome end = bare({.argv = {"/bin/bash", "-uc", script}});
    EXPECT_THAT(end.err, IsEmpty());
    return lines(end.out);
  }
};

TEST_F(Install, PutsEverythingInItsPlace) {
  std::map<std::string, mode_t> expected = {{"bin/axshim", 0755},
                                            {"libexec/axshim-report", 0755},
                                            {"lib/libaxshim.so", 0644},
                                            {libdir() + "/libaxshim.so", 0644},
                                            {"lib/pkgconfig/axshim.pc", 0644},
                                            {"share/man/man1/axshim.1", 0644},
                                            {"share/man/man7/axshim.7", 0644},
                                            {"share/bash-completion/completions/axshim", 0644}};
  for (const auto &header : std::filesystem::directory_iterator(source_dir() / "include/axshim"))
    if (header.is_regular_file()) expected["include/axshim/" + header.path().filename().string()] = 0644;
  std::map<std::string, mode_t> installed;
  for (const auto &entry : std::filesystem::recursive_directory_iterator(root())) {
    struct stat status;
    if (!entry.is_regular_file() || stat(entry.path().c_str(), &status) != 0) continue;
    installed[entry.path().lexically_relative(prefix())] = status.st_mode & 07777;
  }
  EXPECT_EQ(installed, expected);
  EXPECT_THAT(bare({.argv = {axshim(), "--version"}}).out, testing::StartsWith("axshim "));
  for (const char *sub : {"run", "report", "recover", "doctor"})
    EXPECT_THAT(bare({.argv = {axshim(), sub, "--version"}}).out, testing::StartsWith("axshim "));
}

TEST_F(Install, RunFindsTheLibraryByTheTokenOfTheLoader) {
  const Outcome end = bare({.argv = {axshim(), "run", "printenv", "LD_PRELOAD"}});
  EXPECT_EQ(end.out, prefix().string() + "/$LIB/libaxshim.so\n");
  EXPECT_THAT(end.err, Not(HasSubstr("ld.so")));
}

TEST_F(Install, ManualAndCompletionKnowEveryOption) {
  const std::string manual = read_file(prefix() / "share/man/man1/axshim.1");
  ASSERT_THAT(subcommands(), testing::IsSupersetOf({"report", "recover", "doctor"}));
  std::vector<std::vector<std::string>> all = {{}};
  for (const std::string &sub : subcommands()) {
    all.push_back({sub});
    EXPECT_THAT(manual, HasSubstr("\n.Cm " + sub + "\n"));
    EXPECT_THAT(manual, HasSubstr("\n.Ss axshim " + sub + "\n"));
    EXPECT_THAT(completions({sub.substr(0, 3)}), Contains(sub));
  }
  for (std::vector<std::string> sub : all) {
    const std::set<std::string> known = options(sub);
    EXPECT_THAT(known, testing::IsSupersetOf({"--help", "--version"}));
    sub.emplace_back("--");
    const std::vector<std::string> offered = completions(sub);
    for (const std::string &option : known) {
      EXPECT_THAT(offered, Contains(option)) << sub[0];
      EXPECT_THAT(manual, HasSubstr("Fl Fl " + option.substr(2))) << sub[0];
    }
  }
}

// The other way round: nobody is offered what there is not.
TEST_F(Install, ManualAndCompletionKnowNoOther) {
  const std::string manual = read_file(prefix() / "share/man/man1/axshim.1");
  for (const std::string &sub : subcommands()) {
    const std::set<std::string> known = options({sub});
    for (const std::string &option : completions({sub, "--"})) EXPECT_THAT(known, Contains(option)) << sub;
    const std::string section = manual.substr(manual.find("\n.Ss axshim " + sub + "\n") + 1);
    for (const std::string &line : lines(section.substr(0, section.find("\n.S")))) {
      if (line.starts_with(".It Fl Fl ")) {
        EXPECT_THAT(known, Contains("--" + line.substr(10, line.find(' ', 10) - 10))) << sub;
      }
    }
  }
}

TEST_F(Install, CompletionKnowsWhereItIs) {
  EXPECT_THAT(completions({"re"}), testing::ElementsAre("report", "recover"));
  EXPECT_THAT(completions({"doctor", "tru"}), Contains("true"));
  EXPECT_THAT(completions({"run", "--format", "j"}), testing::ElementsAre("json"));
  EXPECT_THAT(completions({"run", "--format", "=", "j"}), testing::ElementsAre("json"));
  EXPECT_THAT(completions({"run", "--format", "="}), testing::ElementsAre("text", "json"));
  EXPECT_THAT(completions({"run", "--log", "run", "--rescue", "f"}), testing::ElementsAre("forced"));
}

TEST_F(Install, ManualIsWellFormed) {
  for (const char *page : {"man1/axshim.1", "man7/axshim.7"}) {
    const Outcome end =
        bare({.argv = {"/usr/bin/mandoc", "-Tlint", "-Wwarning", prefix() / "share/man" / page}});
    EXPECT_EQ(end.status, exited(0)) << end.out << end.err;
  }
}

// Every variable that the library reads, and no other.
TEST_F(Install, ManualKnowsEveryVariable) {
  const auto found_in = [](const std::string &text, const std::regex &variable) {
    std::set<std::string> names;
    for (std::sregex_iterator it(text.begin(), text.end(), variable), end; it != end; ++it)
      names.insert((*it)[1]);
    return names;
  };
  std::set<std::string> read =
      found_in(read_file(source_dir() / "shim/settings.cc"), std::regex("\\{\"([A-Z_]+)\", set_"));
  EXPECT_THAT(read, Contains("CLEANUP"));
  read.insert("PROGRAMS");  // before the others
  EXPECT_EQ(
      found_in(read_file(prefix() / "share/man/man7/axshim.7"), std::regex("\n\\.It Ev AXSHIM_([A-Z_]+)")),
      read);
}

}  // namespace
}  // namespace axshim_test
