// Cleanups that a program registers through axshim.hpp: callables of all kinds, named ones, and their errors.
#include <stdlib.h>

#include "preload/api_ends.h"

namespace axshim_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class AtExit : public AtEachEnd {};

TEST_P(AtExit, RunsCallablesOfAllKindsNewestFirst) {
  const Outcome outcome = run({.argv = {program("runs_callables"), end().word}});
  if (runs_ordinary())
    EXPECT_THAT(lines(outcome.out), ElementsAre("moved 8", "moved 7", "copied and its own", "changed",
                                                "copied", "the same function", "namespace scope"));
  else
    EXPECT_EQ(outcome.out, "");
}

INSTANTIATE_TEST_SUITE_P(At, AtExit, each_end(), title_of_end);

class NamedCleanups : public AtEachEnd {};

TEST_P(NamedCleanups, AllRunWhateverTheOthersDo) {
  const Outcome outcome = run({.argv = {program("cleanups_fail"), end().word}});
  const std::string ran = runs_ordinary() ? "ran" : skipped(),
                    failed = runs_ordinary() ? "failed" : skipped();
  EXPECT_EQ(outcome.out, runs_ordinary() ? "newest\nmiddle\noldest\n" : "");
  EXPECT_THAT(own_outcomes(only_record(log())),
              ElementsAre("newest: " + ran, "long: " + failed, "middle: " + ran, "exits: " + failed,
                          "number: " + failed, "unbalanced: " + failed, "torn: " + failed, "oldest: " + ran));
}

INSTANTIATE_TEST_SUITE_P(At, NamedCleanups,
                         testing::Combine(testing::ValuesIn(all_ends()), testing::Values(true)),
                         title_of_end);

class CxxApi : public PreloadTest {
 protected:
  Outcome same(const Command &command) {
    const Outcome plain = bare(command);
    expect_same(plain, preloaded(command));
    return plain;
  }
  static std::vector<std::string> own_names(const Json &record) {
    std::vector<std::string> names;
    for (const Json &entry : own_cleanups(record)) names.push_back(entry.value("name", ""));
    return names;
  }
};

TEST_F(CxxApi, AnswersTheSameBareAndPreloaded) {
  const Outcome outcome = same({.argv = {program("asks_the_cxx_api")}});
  EXPECT_THAT(lines(outcome.out),
              ElementsAre("axshim::count(): 3", "axshim::unregister(say): 2", "axshim::unregister(say): 0",
                          "axshim::count(): 1", "newest", "run() threw bad", "axshim::count(): 0",
                          "axshim::run(): 0", "(axshim::at_exit(axshim_fail, \"no luck\"), axshim::run()): 1",
                          "axshim::count(): 0", "run", "guard", "axshim::count(): 0", "axshim::count(): 0",
                          "a guard that was cleared works when its scope ends"));
  EXPECT_THAT(lines(outcome.err),
              ElementsAre(HasSubstr("failed: int"), HasSubstr("failed: std::runtime_error: bad"),
                          HasSubstr("failed: no luck")));
}

TEST_F(CxxApi, ReportsErrorsWithTheirTypeAndText) {
  recorded({.argv = {program("cleanups_fail"), "exit"}});
  const Json record = only_record(log());
  EXPECT_EQ(cleanup(record, "torn").value("error", ""), "books::Torn: page 7\nis torn");
  EXPECT_EQ(cleanup(record, "unbalanced").value("error", ""), "books::Unbalanced");
  EXPECT_EQ(cleanup(record, "number").value("error", ""), "int");
  EXPECT_EQ(cleanup(record, "exits").value("error", ""), "called exit");
  EXPECT_THAT(cleanup(record, "long").value("error", ""), StartsWith("std::logic_error: xxx"));
  EXPECT_THAT(bare({.argv = {program("cleanups_fail"), "exit"}}).err,
              StartsWith("axshim: cleanup long failed: std::logic_error: xxx"));
}

TEST_F(CxxApi, LetsCleanupsRegisterAndUnregisterOthers) {
  for (const std::string how : {"exit", "run", "_exit", "quick_exit"}) {
    const Command command{.argv = {program("cleanups_change_cleanups"), how}};
    const bool runs_bare = how == "exit" || how == "run";
    const char *const all = "newest\nnewer\nnext\nforgets 2\noldest\n";
    EXPECT_EQ(preloaded(command).out, all) << how;
    EXPECT_EQ(bare(command).out, runs_bare ? all : "") << how;
  }
}

TEST_F(CxxApi, HasARegistryThatTellsWhatBecameOfItsCleanups) {
  const Outcome outcome = same({.argv = {program("has_a_registry")}});
  EXPECT_THAT(lines(outcome.out),
              ElementsAre("2, 1, 0", "[b] ran 0, error []", "[a] ran 0, error []", "[bad] ran 0, error []",
                          "[worse] ran 0, error []", "a", "b", "[b] ran 1, error []", "[a] ran 1, error []",
                          "[bad] ran 1, error [std::runtime_error: no luck]", "[worse] ran 1, error [int]",
                          "0 1", "outlives its registry"));
}

TEST_F(CxxApi, CountsEachCleanupOnceWhateverThreadsDoAtOnce) {
  EXPECT_EQ(preloaded({.argv = {program("threads_share_cleanups")}}).out, "40000 of 40000\n");
}

TEST_F(CxxApi, LetsACancelledThreadUnwind) {
  const Command command{.argv = {program("is_cancelled_in_a_cleanup")}};
  for (const Outcome &outcome : {bare(command), preloaded(command)}) {
    EXPECT_EQ(outcome.status, exited(0)) << describe(outcome.status);
    EXPECT_EQ(outcome.out, "unwound\ncancelled\nunwound\ncancelled\n");
  }
}

TEST_F(CxxApi, JoinsAThreadAtExit) {
  EXPECT_EQ(same({.argv = {program("joins_a_thread"), "ends"}}).out,
            "the thread has ended\nthe process ends\n");
}

TEST_F(CxxApi, GivesUpOnAThreadThatDoesNotEnd) {
  const Command command{.argv = {program("joins_a_thread"), "never"}};
  EXPECT_EQ(bare(command).out, "the process ends\n");
  const Outcome outcome = recorded(command);
  EXPECT_EQ(outcome.status, exited(0));
  EXPECT_EQ(outcome.out, "the process ends\n");
  EXPECT_EQ(only_record(log()).at("cleanups").at(1).value("error", ""), "the thread is still running");
}

// In a library of its own, whose list of cleanups is not the program's.
TEST_F(CxxApi, RunsTheCleanupsOfALibraryWhenItIsUnloaded) {
  const std::string plugin = file("plugin.so");
  ASSERT_EQ(
      system(("c++ -std=c++17 -O0 -shared -fPIC -D_GNU_SOURCE -I" + (source_dir() / "include").string() +
              " -o " + plugin + " " + (source_dir() / "tests/libraries/has_cxx_cleanups.cc").string())
                 .c_str()),
      0);
  const std::string temporary = file("temporary");
  std::filesystem::create_directory(temporary);
  const std::string of_library = "of its registry\nof the library\n";
  const std::string of_program = "forgets 1\nguard of the program\n", oldest = "of the program's registry\n";
  for (const auto &[when, expected] :
       {std::pair{"close", of_library + of_program + oldest}, {"keep", of_program + of_library + oldest}}) {
    const Outcome outcome =
        same({.argv = {program("loads_cxx_library"), plugin, when}, .env = {{"TMPDIR", temporary}}});
    EXPECT_EQ(outcome.status, exited(0));
    EXPECT_EQ(outcome.out, "guard of the library\n" + expected);
    EXPECT_TRUE(std::filesystem::is_empty(temporary));
  }
}

// Whether functions are inlined or not.
TEST_F(CxxApi, NamesTheFunctionThatRegistered) {
  const std::string optimized = file("names_its_cleanups");
  ASSERT_EQ(system(("c++ -std=c++17 -O2 -g -D_GNU_SOURCE -I" + (source_dir() / "include").string() + " -o " +
                    optimized + " " + (source_dir() / "tests/programs/names_its_cleanups.cc").string())
                       .c_str()),
            0);
  for (const std::string &path : {program("names_its_cleanups"), optimized}) {
    std::filesystem::remove(log());
    recorded({.argv = {path, "_exit"}});
    const Json own = own_cleanups(only_record(log()));
    EXPECT_EQ(own.size(), 9u);
    for (const Json &entry : own) {
      if (!entry.contains("function")) continue;  // a declared one
      EXPECT_EQ(entry.value("registered_by", Json::object()).value("symbol", ""),
                "register_all_and_end(char const*)")
          << path << ": " << entry.dump();
    }
  }
}

TEST_F(CxxApi, NamesCleanupsByWhatTheyCall) {
  recorded({.argv = {program("names_its_cleanups"), "exit"}});
  EXPECT_THAT(
      own_names(only_record(log())),
      ElementsAre("resource", HasSubstr("/none"), "named",
                  AllOf(StartsWith("axshim::exit_stack::"), HasSubstr("string")),
                  AllOf(StartsWith("axshim::exit_stack::"), HasSubstr("{lambda()#3}")),
                  "axshim::guard<register_all_and_end(char const*)::{lambda()#2}>::run(void*)",
                  HasSubstr("void (Account::*)() const"),
                  "axshim::detail::Bound<register_all_and_end(char const*)::{lambda()#1}>::run(void*)",
                  "save(int)"));
}

}  // namespace
}  // namespace axshim_test
