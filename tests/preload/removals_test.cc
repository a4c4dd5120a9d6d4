// What `unlink`, `rmdir` and `rmtree` remove and what they refuse, however they are declared: in the
// environment, and through axshim.h, axshim.hpp and axshim.py, with the preload and without it.
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

using std::filesystem::exists;
using testing::HasSubstr;
using testing::IsEmpty;

enum class By { environment, c, cxx, python };

struct Way {
  const char *title;
  By by;
  bool is_preloaded;
};
void PrintTo(const Way &way, std::ostream *out) { *out << way.title; }

const char kPython[] = "/usr/bin/python3";
const char kRefused[] = "refused: it is, or contains, ";

class Removal : public PreloadTest, public testing::WithParamInterface<Way> {
 protected:
  Removal() { create_directories(file("home")); }
  void SetUp() override {
    if (GetParam().by == By::python && !exists(kPython)) GTEST_SKIP() << "no " << kPython;
  }

  // A program that ends once it has declared this. No record is written where all went well.
  Outcome end_of(const std::string &action, const Path &path, Command command = {}) {
    const std::string entry = action + ':' + path.string();
    const std::string code = "import axshim, sys; getattr(axshim, sys.argv[1])(sys.argv[2])";
    command.env.insert({"HOME", file("home")});
    switch (GetParam().by) {
      case By::environment:
        command.argv = {program("returns_status"), "0"};
        command.env["AXSHIM_CLEANUP"] = entry;
        break;
      case By::c:
        command.argv = {program("declares_an_entry"), entry};
        break;
      case By::cxx:
        command.argv = {program("tracks_a_path"), path};
        break;
      case By::python:
        command.argv = {kPython, "-S", "-B", "-c", code, action, path};
        command.env["PYTHONPATH"] = source_dir() / "include/axshim";
    }
    const Outcome end = GetParam().is_preloaded ? preloaded(command) : bare(command);
    EXPECT_EQ(end.status, exited(0)) << describe(end.status);
    return end;
  }
  void expect_done(const std::string &action, const Path &path, Command command = {}) {
    EXPECT_EQ(end_of(action, path, std::move(command)).err, "");
  }
  void expect_failed(const std::string &why, const std::string &action, const Path &path,
                     Command command = {}) {
    EXPECT_THAT(end_of(action, path, std::move(command)).err, HasSubstr(why));
  }
  // A directory with a file in it.
  Path make_tree(const std::string &name) const {
    create_directories(file(name));
    make_file(name + "/precious");
    return file(name);
  }
  bool is_whole(const Path &tree) const { return exists(tree / "precious"); }
};

TEST_P(Removal, OfAFile) {
  const Path lock = make_file("lock");
  expect_done("unlink", lock);
  EXPECT_FALSE(exists(lock));
}

TEST_P(Removal, OfWhatIsNotThereIsSuccess) {
  expect_done("unlink", file("missing"));
  expect_done("rmtree", file("missing"));
}

TEST_P(Removal, OfALinkIsNotThatOfItsTarget) {
  const Path target = make_file("target");
  create_symlink(target, file("link"));
  expect_done("unlink", file("link"));
  EXPECT_FALSE(is_symlink(file("link")));
  EXPECT_TRUE(exists(target));
}

TEST_P(Removal, OfATree) {
  make_tree("tree/a/b/c"), make_tree("tree/a/b");
  expect_done("rmtree", file("tree"));
  EXPECT_FALSE(exists(file("tree")));
}

TEST_P(Removal, OfATreeGoesOnWhereTheWorkingDirectoryIsGone) {
  make_tree("tree");
  create_directory(file("gone"));
  expect_done("rmtree", file("tree"),
              {.cwd = file("gone"), .before_exec = [gone = file("gone").string()] { rmdir(gone.c_str()); }});
  EXPECT_FALSE(exists(file("tree")));
}

TEST_P(Removal, OfATreeDoesNotFollowLinksInIt) {
  make_tree("tree"), make_tree("outside");
  create_directory_symlink(file("outside"), file("tree/link"));
  expect_done("rmtree", file("tree"));
  EXPECT_FALSE(exists(file("tree")));
  EXPECT_TRUE(is_whole(file("outside")));
}

// A trailing slash would have the kernel follow it.
TEST_P(Removal, OfATreeDoesNotFollowALinkInItsPlace) {
  make_tree("outside");
  for (const char *link : {"tree", "tree/"}) {
    create_directory_symlink(file("outside"), file("tree"));
    expect_done("rmtree", file(link));
    EXPECT_FALSE(is_symlink(file("tree")));
    EXPECT_TRUE(is_whole(file("outside")));
  }
}

TEST_P(Removal, OfTheHomeIsRefused) {
  const Path home = make_tree("me");
  expect_failed(kRefused, "rmtree", home, {.env = {{"HOME", home}}});
  EXPECT_TRUE(is_whole(home));
}

TEST_P(Removal, OfWhatContainsTheHomeIsRefused) {
  const Path homes = make_tree("homes"), home = make_tree("homes/me");
  create_directory_symlink(home, file("link"));
  for (const Path &name : {home, file("link")}) {
    expect_failed(kRefused, "rmtree", homes, {.env = {{"HOME", name}}});
    EXPECT_TRUE(is_whole(homes) && is_whole(home)) << name;
  }
}

TEST_P(Removal, OfTheWorkingDirectoryAndWhatContainsItIsRefused) {
  const Path work = make_tree("work"), here = make_tree("work/here");
  for (const Path &tree : {here, work}) {
    expect_failed(kRefused, "rmtree", tree, {.cwd = here});
    EXPECT_TRUE(is_whole(work) && is_whole(here)) << tree;
  }
}

TEST_P(Removal, OfATreeDoesNotEnterABindMount) {
  make_tree("tree/mounted"), make_tree("outside");
  if (bare({.argv = {"/usr/bin/unshare", "--mount", "/bin/true"}}).status != 0)
    GTEST_SKIP() << "may not mount here";
  const std::string from = file("outside"), to = file("tree/mounted");
  expect_failed("another mount", "rmtree", file("tree"), {.before_exec = [&] {
                  if (unshare(CLONE_NEWNS) != 0) _exit(124);
                  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) _exit(124);
                  if (mount(from.c_str(), to.c_str(), nullptr, MS_BIND, nullptr) != 0) _exit(124);
                }});
  EXPECT_TRUE(is_whole(file("outside")));
}

constexpr Way kAnyEntry[] = {
    {"TheEnvironment", By::environment, true}, {"AxshimH", By::c, true}, {"AxshimHBare", By::c, false}};
constexpr Way kAPathAlone[] = {{"AxshimHpp", By::cxx, true},
                               {"AxshimHppBare", By::cxx, false},
                               {"AxshimPy", By::python, true},
                               {"AxshimPyBare", By::python, false}};
std::string title(const testing::TestParamInfo<Way> &info) { return info.param.title; }

INSTANTIATE_TEST_SUITE_P(By, Removal, testing::ValuesIn(kAnyEntry), title);
INSTANTIATE_TEST_SUITE_P(AlsoBy, Removal, testing::ValuesIn(kAPathAlone), title);

// What not every way can ask for.
class DeclaredAction : public Removal {};

TEST_P(DeclaredAction, UnlinkOfADirectoryFails) {
  make_tree("tree");
  expect_failed("Is a directory", "unlink", file("tree"));
  EXPECT_TRUE(is_whole(file("tree")));
}

TEST_P(DeclaredAction, RmdirRemovesAnEmptyDirectory) {
  create_directory(file("empty"));
  expect_done("rmdir", file("empty"));
  EXPECT_FALSE(exists(file("empty")));
  expect_done("rmdir", file("empty"));
}

TEST_P(DeclaredAction, RmdirOfAFullDirectoryFails) {
  make_tree("tree");
  expect_failed("Directory not empty", "rmdir", file("tree"));
  EXPECT_TRUE(is_whole(file("tree")));
}

TEST_P(DeclaredAction, WriteFollowsNoLink) {
  const Path target = make_file("target");
  create_symlink(target, file("link"));
  expect_failed("symbolic links", "write", file("link").string() + "=text");
  EXPECT_EQ(read_file(target), "x");
}

// Seen to hang without O_NONBLOCK.
TEST_P(DeclaredAction, WriteToAPipeThatNobodyReadsFails) {
  ASSERT_EQ(mkfifo(file("fifo").c_str(), 0600), 0);
  expect_failed("No such device", "write", file("fifo").string() + "=text");
}

INSTANTIATE_TEST_SUITE_P(By, DeclaredAction, testing::ValuesIn(kAnyEntry), title);

}  // namespace
}  // namespace axshim_test
