// Cleanups that the program registers through axshim.h, with the preload and without it, in the same binary.
#include "preload/own_cleanups.h"

namespace axshim_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Api : public PreloadTest {
 protected:
  Command ending_by(const std::string &how) const { return {.argv = {program("registers_by_api"), how}}; }
};

TEST_F(Api, RunsAllInOneOrderWithTheProgramsHandlersAtExit) {
  const Outcome end = recorded(ending_by("exit"));
  EXPECT_EQ(end.status, exited(11));
  EXPECT_EQ(end.out, "atexit\norderly\nsafe\nfirst\n");
  const Json record = only_record(log());
  EXPECT_THAT(own_outcomes(record),
              ElementsAre("gone: ran", "failing: failed", "forced: skipped (policy)", "say_atexit: ran",
                          "orderly: ran", "safe: ran", "first: ran"));
  EXPECT_EQ(cleanup(record, "failing").value("error", ""), "no luck");
  EXPECT_EQ(cleanup(record, "first").value("source", ""), "api");
  EXPECT_EQ(cleanup(record, "first")["registered_by"].value("symbol", ""), "main");
}

TEST_F(Api, RunsThemAtReturnFromMainToo) {
  EXPECT_EQ(recorded(ending_by("return")).out, "atexit\norderly\nsafe\nfirst\n");
}

TEST_F(Api, RunsAllButTheOrderlyOnesAtUnderscoreExit) {
  const Outcome end = recorded(ending_by("_exit"));
  EXPECT_EQ(end.status, exited(12));
  EXPECT_EQ(end.out, "forced\nsafe\nfirst\n");
  EXPECT_THAT(own_outcomes(only_record(log())),
              ElementsAre("gone: ran", "failing: failed", "forced: ran", "say_atexit: skipped (forced-exit)",
                          "orderly: skipped (policy)", "safe: ran", "first: ran"));
}

TEST_F(Api, RunsThemAtQuickExitToo) {
  EXPECT_EQ(recorded(ending_by("quick_exit")).out, "forced\nsafe\nfirst\n");
}

class ApiAtADeathBy : public Api, public testing::WithParamInterface<std::tuple<const char *, int>> {};

TEST_P(ApiAtADeathBy, RunsWhatIsSignalSafe) {
  const Outcome end = recorded(ending_by(std::get<0>(GetParam())));
  EXPECT_EQ(end.status, killed(std::get<1>(GetParam()))) << describe(end.status);
  EXPECT_EQ(end.out, "safe\n");
  EXPECT_THAT(own_outcomes(only_record(log())),
              ElementsAre("gone: ran", "failing: skipped (not-signal-safe)",
                          "forced: skipped (not-signal-safe)", "say_atexit: skipped (not-signal-safe)",
                          "orderly: skipped (policy)", "safe: ran", "first: skipped (not-signal-safe)"));
}

INSTANTIATE_TEST_SUITE_P(Signal, ApiAtADeathBy,
                         testing::Values(std::make_tuple("abort", SIGABRT),
                                         std::make_tuple("sigterm", SIGTERM),
                                         std::make_tuple("sigsegv", SIGSEGV)),
                         [](const auto &info) { return std::string(std::get<0>(info.param)); });

TEST_F(Api, RemovesFilesOfTheDirectoryInWhichTheyWereDeclared) {
  for (const char *how : {"exit", "_exit", "sigterm"}) {
    Command command = ending_by(how);
    command.cwd = file(how);
    std::filesystem::create_directory(command.cwd);
    write_file(command.cwd / "gone", "x");
    preloaded(command);
    EXPECT_FALSE(exists(command.cwd / "gone")) << how;
  }
}

TEST_F(Api, RunsThemBareAtOrderlyEndsAlone) {
  Command command = ending_by("exit");
  command.cwd = file("cwd");
  std::filesystem::create_directory(command.cwd);
  write_file(command.cwd / "gone", "x");
  const Outcome end = bare(command);
  EXPECT_FALSE(exists(command.cwd / "gone"));
  EXPECT_EQ(end.status, exited(11));
  EXPECT_EQ(end.out, "atexit\norderly\nsafe\nfirst\n");
  EXPECT_EQ(end.err, "axshim: cleanup failing failed: no luck\n");
  EXPECT_EQ(bare(ending_by("_exit")).out, "");
}

// Null functions, names over-long and with control characters, ids that never were; run, clear, list.
TEST_F(Api, AnswersTheSameBareAndPreloaded) {
  const Command command{.argv = {program("asks_the_api")}};
  const Outcome plain = bare(command);
  EXPECT_THAT(plain.out, HasSubstr("axshim_register(\"null\", NULL, NULL, 0): 0, errno 22\n"));
  EXPECT_THAT(plain.out, HasSubstr("axshim_run(): 1, errno 0\n"));
  expect_same(plain, preloaded(command));
}

}  // namespace
}  // namespace axshim_test
