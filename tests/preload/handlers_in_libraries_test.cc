// Exit handlers in libraries, which may be unloaded, replaced or removed; and the names of functions where
// the file has less to say about them.
#include <signal.h>
#include <stdlib.h>

#include "preload/handlers.h"

namespace axshim_test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::EndsWith;
using testing::MatchesRegex;

class Library : public HandlersTest {
 protected:
  // A library of tests/libraries. With the C compiler's driver: without libstdc++ and its own handlers.
  Path built(const std::string &name, const std::string &flags = "") const {
    const Path library = file(name);
    build("-shared -fPIC -fno-exceptions " + flags + " -o " + library.string() + " " +
          source("libraries/has_handlers.cc"));
    return library;
  }
  static std::string source(const std::string &of) { return (source_dir() / "tests" / of).string(); }
  static void build(const std::string &arguments) {
    if (system(("cc -O0 -g -D_GNU_SOURCE " + arguments).c_str()) != 0) throw std::runtime_error("cc failed");
  }
};

TEST_F(Library, ThatIsUnloadedRunsItsHandlersThen) {
  const Path library = built("plugin.so");
  for (const auto &[cause, outcome] : {std::pair{"exit", "ran"}, {"_exit", "skipped (forced-exit)"}}) {
    std::filesystem::remove(log());
    const Outcome end = same({.argv = {"loads_library", library, "close", cause}});
    std::vector<std::string> expected = {"Object::~Object()", "of_library()", "main ends"};
    if (*cause == 'e') expected.push_back("of_program");
    EXPECT_EQ(lines(end.out), expected);
    EXPECT_THAT(outcomes(record_of(end)), ElementsAre(std::string("of_program: ") + outcome));
  }
}

TEST_F(Library, ThatIsLoadedRunsItsHandlersAtExit) {
  const Path library = built("plugin.so");
  const Outcome end = same({.argv = {"loads_library", library, "keep", "exit"}});
  EXPECT_THAT(lines(end.out), ElementsAre("main ends", "of_program", "Object::~Object()", "of_library()"));
  const Json record = record_of(end);
  EXPECT_THAT(outcomes(record),
              ElementsAre("of_program: ran", "Object::~Object(): ran", "of_library(): ran"));
  const Json object = cleanup(record, "Object::~Object()"), handler = cleanup(record, "of_library()");
  EXPECT_EQ(object.value("source", ""), "destructor");
  EXPECT_EQ(handler.value("source", ""), "atexit");
  EXPECT_EQ(handler["function"].value("module", ""), library);
  EXPECT_EQ(handler["registered_by"].value("symbol", ""), "construct()");
}

TEST_F(Library, ThatIsLoadedLosesItsHandlersAtUnderscoreExit) {
  const Path library = built("plugin.so");
  EXPECT_THAT(outcomes(record_of(same({.argv = {"loads_library", library, "keep", "_exit"}}))),
              ElementsAre("of_program: skipped (forced-exit)", "Object::~Object(): skipped (forced-exit)",
                          "of_library(): skipped (forced-exit)"));
}

// The library's handlers run inside the one that unloads it, which did not call exit for all that.
TEST_F(Library, ThatAHandlerUnloadsRunsItsHandlersInside) {
  const Path library = built("plugin.so");
  const Outcome end = same({.argv = {"loads_library", library, "late", "exit"}});
  EXPECT_THAT(lines(end.out), ElementsAre("main ends", "of_program", "Object::~Object()", "of_library()"));
  const Json record = record_of(end);
  EXPECT_THAT(outcomes(record), AllOf(Contains("of_program: ran"), Each(EndsWith(": ran"))));
  EXPECT_EQ(record.value("clean", false), true);
}

TEST_F(Library, ThatIsLinkedHasItsHandlersListed) {
  const Path library = built("liblinked.so"), linked = file("linked");
  build("-rdynamic -o " + linked.string() + " " + source("programs/loads_library.c") +
        " -Wl,--no-as-needed " + library.string() + " -Wl,-rpath," + dir().string());
  const Outcome end = same({.argv = {linked, "libm.so.6", "keep", "exit"}});
  EXPECT_THAT(lines(end.out), ElementsAre("main ends", "of_program", "Object::~Object()", "of_library()"));
  EXPECT_THAT(outcomes(record_of(end)),
              ElementsAre("of_program: ran", "Object::~Object(): ran", "of_library(): ran"));
  std::filesystem::remove(log());
  EXPECT_THAT(outcomes(record_of(same({.argv = {linked, "libm.so.6", "keep", "_exit"}}))),
              ElementsAre("of_program: skipped (forced-exit)", "Object::~Object(): skipped (forced-exit)",
                          "of_library(): skipped (forced-exit)"));
}

// They run from inside of a call that looks as when a library is unloaded, and errx calls a hidden exit.
TEST_F(Library, ThatIsLinkedHasItsHandlersListedWhereNoHookSawTheEndBegin) {
  const Path library = built("liblinked.so"), linked = file("linked");
  build("-o " + linked.string() + " " + source("programs/calls_errx.c") + " -Wl,--no-as-needed " +
        library.string() + " -Wl,-rpath," + dir().string());
  EXPECT_THAT(outcomes(record_of(same({.argv = {linked}}))),
              ElementsAre("Object::~Object(): ran", "of_library(): ran"));
}

TEST_F(Library, ThatCrashesWhileItIsUnloadedNamesItsHandler) {
  const Path library = built("plugin.so", "-DCRASHES");
  const Outcome end = same({.argv = {"loads_library", library, "close", "exit"}});
  EXPECT_EQ(WTERMSIG(end.status), SIGSEGV) << describe(end.status);
  EXPECT_THAT(outcomes(record_of(end)),
              AllOf(Contains("of_library(): interrupted"),
                    Contains(MatchesRegex("of_program: skipped \\((not-signal-safe|handler-exited)\\)"))));
}

TEST_F(Library, ThatComesAndGoesLeavesNothingBehind) {
  const Path library = built("plugin.so", "-DSILENT");
  const Outcome end = same({.argv = {"loads_again_and_again", library}});
  EXPECT_EQ(end.status, exited(0));
  EXPECT_EQ(end.out, "as large as before\n");
  EXPECT_THAT(outcomes(record_of(end)), ElementsAre("Object::~Object(): ran", "of_library(): ran"));
}

// What stands at the old place is not what is in memory: a name from there would be a wrong one.
TEST_F(Library, ThatIsNoLongerInItsFileIsNamedFromMemoryOrNotAtAll) {
  for (const char *by : {"nothing", "garbage", "an empty file", "another build"}) {
    SCOPED_TRACE(by);
    std::filesystem::remove(log());
    const auto replace = [&](pid_t pid) {
      std::filesystem::remove(file("plugin.so"));
      if (*by == 'g') make_file("plugin.so", std::string(100000, 'x'));
      if (by == std::string("an empty file")) make_file("plugin.so", "");
      if (by == std::string("another build")) built("plugin.so", "-DHANDLER=impostor");
      kill(pid, SIGUSR1);
    };
    Command command{.argv = {"waits_with_library"}, .interact = replace};
    command.argv = {program("waits_with_library"), built("plugin.so")};
    const Outcome plain = bare(command);
    built("plugin.so");
    const Outcome end = recorded(command);
    expect_same(plain, end);
    const Json record = record_of(end);
    EXPECT_THAT(outcomes(record),
                ElementsAre(MatchesRegex("(Object::~Object\\(\\)|.*0x[0-9a-f]+): skipped \\(forced-exit\\)"),
                            MatchesRegex("(of_library\\(\\)|.*0x[0-9a-f]+): skipped \\(forced-exit\\)")));
  }
}

class Name : public Library {
 protected:
  Path copy(const std::string &of) const {
    std::filesystem::copy_file(program(of), file(of), std::filesystem::copy_options::overwrite_existing);
    return file(of);
  }
};

TEST_F(Name, OfAStrippedFunctionIsItsPlace) {
  const Path stripped = copy("has_handlers");
  ASSERT_EQ(system(("strip " + stripped.string()).c_str()), 0);
  const Json record = record_of(same({.argv = {stripped, "_exit"}}));
  const std::string place = "has_handlers\\+0x[0-9a-f]+";
  EXPECT_THAT(outcomes(record),
              ElementsAre("plain: skipped (forced-exit)", MatchesRegex("(.*/)?" + place + ": skipped .*"),
                          MatchesRegex("(.*/)?" + place + ": skipped .*"),
                          "store::Cache<int>::~Cache(): skipped (forced-exit)",
                          MatchesRegex("(.*/)?" + place + ": skipped .*")));
  for (const Json &entry : record["cleanups"]) {
    EXPECT_THAT(entry["function"].value("build_id", ""), MatchesRegex("[0-9a-f]{8,}")) << entry.dump(2);
    EXPECT_EQ(entry["function"].value("module", ""), stripped);
  }
}

TEST_F(Name, IsThereThoughTheExecutableIsGone) {
  const Command command{.argv = {file("deletes_itself")}};
  copy("deletes_itself");
  const Outcome plain = bare(command);
  copy("deletes_itself");
  const Outcome end = recorded(command);
  expect_same(plain, end);
  EXPECT_EQ(end.status, exited(3)) << describe(end.status);
  EXPECT_THAT(outcomes(record_of(end)), ElementsAre("handler: skipped (forced-exit)"));
}

TEST_F(Name, OfWhatIsNoFunctionIsItsAddress) {
  const Json record = record_of(same({.argv = {"registers_nowhere", "_exit"}}));
  EXPECT_THAT(outcomes(record), ElementsAre("0xdead000: skipped (forced-exit)"));
  EXPECT_FALSE(cleanup(record, "0xdead000").value("function", Json::object()).contains("module"));
}

TEST_F(Name, OfWhatIsNoFunctionIsItsAddressWhereItCrashed) {
  const Json record = record_of(same({.argv = {"registers_nowhere"}}));
  EXPECT_EQ(record["termination"].value("signal", ""), "SIGSEGV");
  EXPECT_EQ(record["termination"].value("address", ""), "0xdead000");
  EXPECT_THAT(outcomes(record), ElementsAre("0xdead000: interrupted"));
}

}  // namespace
}  // namespace axshim_test
