// Guards, exit stacks and resources: at the end of their scope, and where the process ends inside it.
#include "preload/api_ends.h"

namespace axshim_test {
namespace {

using testing::ElementsAre;

class Scopes : public AtEachEnd {};

TEST_P(Scopes, AreCleanedUpWhereTheProcessEndsInside) {
  const Outcome outcome = run({.argv = {program("holds_guards"), end().word}});
  std::vector<std::string> expected = {"inner stack"};
  const bool leaves_the_scope = end().word == std::string("return");
  if (runs_ordinary() || leaves_the_scope)
    expected.insert(expected.end(), {"inner guard", "callback", "object", "outer guard"});
  EXPECT_EQ(lines(outcome.out), expected);
}

// A child that leaves its scope runs what belongs to the scope, but not what belongs to the process.
TEST_P(Scopes, OfAParentAreLeftAloneWhereAChildEndsInside) {
  const Path temporary = file("temporary");
  std::filesystem::create_directory(temporary);
  const Command command{.argv = {program("forks_with_scopes"), end().word}, .env = {{"TMPDIR", temporary}}};
  const Outcome outcome = is_preloaded() ? preloaded(command) : bare(command);
  std::vector<std::string> expected = {"of_parent", "parent guard", "parent resource_guard",
                                       "parent at_exit"};
  const bool leaves_the_scope = end().word == std::string("return");
  if (leaves_the_scope) expected.insert(expected.begin(), {"child guard", "child has nothing to unregister"});
  EXPECT_EQ(lines(outcome.out), expected);
  EXPECT_EQ(outcome.status, exited(0));
  EXPECT_TRUE(std::filesystem::is_empty(temporary));
}

INSTANTIATE_TEST_SUITE_P(At, Scopes, each_end(), title_of_end);

class Guards : public PreloadTest {
 protected:
  Outcome same(const Command &command) {
    const Outcome plain = bare(command);
    expect_same(plain, preloaded(command));
    return plain;
  }
};

TEST_F(Guards, ReportWhatIsThrownAtTheEndOfTheirScopeAndCloseThrowsIt) {
  const Outcome outcome = same({.argv = {program("guards_fail")}});
  EXPECT_THAT(lines(outcome.out), ElementsAre("stack", "older", "added while it closes", "last",
                                              "close() threw last error", "0 left"));
  EXPECT_THAT(lines(outcome.err), ElementsAre("axshim: cleanup failed: std::runtime_error: callback",
                                              "axshim: cleanup failed: std::runtime_error: guard"));
}

TEST_F(Guards, CostNoMemoryOnceTheyAreGone) {
  EXPECT_EQ(preloaded({.argv = {program("ends_many_scopes")}}).out, "330033, 0 left, flat\n");
}

TEST_F(Guards, AreThereUntilAnotherThreadThatExitsIsDoneWithThem) {
  EXPECT_EQ(same({.argv = {program("exits_while_a_guard_ends")}}).out, "still there\n");
}

}  // namespace
}  // namespace axshim_test
