// Programs of another libc, whose loader honours LD_PRELOAD and stops at what it can't resolve.
#include "preload/runs.h"

namespace axshim_test {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class Musl : public Run {
 protected:
  void SetUp() override {
    const std::string text = "#include <stdio.h>\nint main(void) { puts(\"hi\"); return 3; }\n";
    const Outcome end =
        bare({.argv = {"/usr/bin/musl-gcc", "-o", prog(), make_file("prog.c", text).string()}});
    ASSERT_EQ(end.status, exited(0)) << end.err;
  }
  std::string prog() const { return file("prog"); }
  std::string unheard() const {
    return "axshim: " + prog() +
           ": nothing was heard from it: the preload can't enter it: its libc is musl; see axshim doctor " +
           prog() + '\n';
  }
};

TEST_F(Musl, ProgramRunsOnAndIsSaidToBeUnwatched) {
  const Outcome end = run({prog()});
  EXPECT_EQ(end.status, exited(3));
  EXPECT_EQ(end.out, "hi\n");
  EXPECT_THAT(end.err, StartsWith(unheard()));
}

TEST_F(Musl, ProgramRunsOnBelowAShell) {
  // dash starts it by vfork, bash by fork and by exec alone.
  for (const Words &shell :
       {Words{"dash", "'" + prog() + "'; exit $?"}, Words{"bash", "'" + prog() + "'; exit $?"},
        Words{"bash", "exec '" + prog() + "'"}}) {
    SCOPED_TRACE(shell[0] + shell[1]);
    const Outcome end = run({shell[0], "-c", shell[1]});
    EXPECT_EQ(end.status, exited(3));
    EXPECT_EQ(end.out, "hi\n");
    EXPECT_THAT(end.err, HasSubstr(unheard()));
  }
  const Outcome many = run({"sh", "-c", "'" + prog() + "'; '" + prog() + "'; exec true"});
  EXPECT_EQ(many.out, "hi\nhi\n");
  EXPECT_THAT(many.err, StartsWith(unheard()));
  EXPECT_THAT(many.err.substr(1), Not(HasSubstr(unheard())));
}

TEST_F(Musl, WhatAShellStartsAndTheLibraryEntersIsNotSaidToBeUnwatched) {
  for (const char *shell : {"dash", "bash"})
    EXPECT_THAT(run({shell, "-c", "/bin/true; /bin/sleep 0; exec true"}).err, Not(HasSubstr("heard")));
}

// As `axshim doctor` says of it.
TEST_F(Musl, ProgramDoesNotStartByThePlainPath) {
  const Outcome end =
      bare({.argv = {"/bin/sh", "-c", "LD_PRELOAD=" + library().string() + ' ' + prog() + "; echo $?"}});
  EXPECT_EQ(end.out, "127\n");
  EXPECT_THAT(end.err, HasSubstr("Error relocating " + library().string() + ": _r_debug: symbol not found"));
  const Outcome verdict = bare({.argv = {AXSHIM_BUILD "/axshim", "doctor", prog()}});
  EXPECT_EQ(verdict.status, exited(1));
  EXPECT_THAT(verdict.out, HasSubstr("\n  but   it does not start where LD_PRELOAD names the library"));
  EXPECT_THAT(verdict.out, Not(HasSubstr("sees")));
}

TEST_F(Run, NamesTheLibraryByTheTokenOfTheLoader) {
  EXPECT_EQ(run({"printenv", "LD_PRELOAD"}).out, AXSHIM_BUILD "/$LIB/libaxshim.so\n");
}

// Where somebody has put both into one directory.
TEST_F(Run, NamesTheLibraryByItsPathWhereTheTokenLeadsNowhere) {
  for (const char *name : {"axshim", "libaxshim.so"}) copy_file(Path(AXSHIM_BUILD) / name, file(name));
  const Outcome end =
      bare({.argv = {file("axshim"), "run", "printenv", "LD_PRELOAD"}, .env = {{"TMPDIR", temporary()}}});
  EXPECT_EQ(end.out, file("libaxshim.so").string() + '\n') << end.err;
}

}  // namespace
}  // namespace axshim_test
