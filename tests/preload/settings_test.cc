// The variables of the environment: what their values do, and what a bad one costs (one line, nothing else).
#include <signal.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

struct BadValue {
  std::string title, variable, value;
};

void PrintTo(const BadValue &bad, std::ostream *out) { *out << bad.variable << "=" << bad.value; }

class BadSetting : public PreloadTest, public testing::WithParamInterface<BadValue> {};

TEST_P(BadSetting, CostsOneLineThatNamesIt) {
  const auto &[title, variable, value] = GetParam();
  const Command command{.argv = {program("calls_exit"), "7"}};
  Command shimmed = command;
  shimmed.env = {{"AXSHIM_REPORT", "never"}};
  shimmed.env[variable] = value;
  const Outcome plain = bare(command), end = preloaded(shimmed);
  EXPECT_EQ(end.status, plain.status);
  EXPECT_EQ(end.out, plain.out);
  ASSERT_THAT(lines(end.err), SizeIs(1)) << end.err;
  EXPECT_THAT(end.err, testing::StartsWith("axshim: "));
  EXPECT_THAT(end.err, HasSubstr(variable));
  EXPECT_THAT(end.err, HasSubstr(value));
}

INSTANTIATE_TEST_SUITE_P(
    Of, BadSetting,
    testing::Values(BadValue{"Log", "AXSHIM_LOG", "fd:many"},
                    BadValue{"LogTemplate", "AXSHIM_LOG", "/tmp/%z"},
                    BadValue{"LogFd", "AXSHIM_LOG", "fd:-1"}, BadValue{"Format", "AXSHIM_FORMAT", "xml"},
                    BadValue{"Signals", "AXSHIM_SIGNALS", "TERM,NOSUCH"},
                    BadValue{"SignalThatNobodyCatches", "AXSHIM_SIGNALS", "STOP"},
                    BadValue{"Graceful", "AXSHIM_GRACEFUL", "TERM,NOSUCH"},
                    BadValue{"GracefulOfAFault", "AXSHIM_GRACEFUL", "SEGV"},
                    BadValue{"GracefulOfWhatNobodyCatches", "AXSHIM_GRACEFUL", "KILL"},
                    BadValue{"GracefulOfWhatEndsNothing", "AXSHIM_GRACEFUL", "CHLD"},
                    BadValue{"GracefulByDefault", "AXSHIM_GRACEFUL", "default"},
                    BadValue{"Rescue", "AXSHIM_RESCUE", "always"}, BadValue{"Stdio", "AXSHIM_STDIO", "flush"},
                    BadValue{"Timeout", "AXSHIM_TIMEOUT", "soon"},
                    BadValue{"TimeoutWithoutAUnit", "AXSHIM_TIMEOUT", "5"},
                    BadValue{"NegativeTimeout", "AXSHIM_TIMEOUT", "-5s"},
                    BadValue{"Budget", "AXSHIM_BUDGET", "99999999999999999999s"},
                    BadValue{"Backtrace", "AXSHIM_BACKTRACE", "many"},
                    BadValue{"NegativeBacktrace", "AXSHIM_BACKTRACE", "-1"},
                    BadValue{"Follow", "AXSHIM_FOLLOW", "yes"}, BadValue{"Inherit", "AXSHIM_INHERIT", "2"}),
    [](const auto &info) { return info.param.title; });

class Setting : public PreloadTest {
 protected:
  // How many records a run leaves with this one variable on top of "always, to a file".
  Records records(const std::string &variable, const std::string &value, std::vector<std::string> argv) {
    std::filesystem::remove(log());
    argv[0] = program(argv[0]);
    recorded({.argv = argv, .env = {{variable, value}}});
    return records_of(log());
  }
};

TEST_F(Setting, ReportOfABadValueIsTheDefault) {
  const Outcome end =
      preloaded({.argv = {program("calls_exit"), "7"}, .env = {{"AXSHIM_REPORT", "sometimes"}}});
  ASSERT_THAT(lines(end.err), SizeIs(1)) << end.err;
  EXPECT_THAT(end.err, HasSubstr("AXSHIM_REPORT"));
  EXPECT_THAT(end.err, HasSubstr("sometimes"));
  for (const char *allowed : {"unclean", "always", "never"}) EXPECT_THAT(end.err, HasSubstr(allowed));
}

TEST_F(Setting, ReportAlwaysLogsEveryEnd) {
  EXPECT_THAT(records("AXSHIM_REPORT", "always", {"returns_status", "0"}), SizeIs(1));
}

TEST_F(Setting, ReportNeverLogsNone) {
  EXPECT_THAT(records("AXSHIM_REPORT", "never", {"derefs_null"}), IsEmpty());
}

TEST_F(Setting, ReportUncleanLogsWhatLostSomething) {
  EXPECT_THAT(records("AXSHIM_REPORT", "unclean", {"returns_status", "1"}), IsEmpty());
  EXPECT_THAT(records("AXSHIM_REPORT", "unclean", {"calls_exit", "1"}), IsEmpty());
  EXPECT_THAT(records("AXSHIM_REPORT", "unclean", {"kills_itself", std::to_string(SIGPIPE)}), IsEmpty());
  EXPECT_THAT(records("AXSHIM_REPORT", "unclean", {"calls__exit", "1"}), SizeIs(1)) << "of two handlers";
  EXPECT_THAT(records("AXSHIM_REPORT", "unclean", {"derefs_null"}), SizeIs(1));
  EXPECT_THAT(records("AXSHIM_REPORT", "unclean", {"calls_abort"}), SizeIs(1));
}

TEST_F(Setting, WithoutAnyACleanProgramIsLeftAsItWas) {
  const Command command{.argv = {program("calls_exit"), "7"}};
  expect_same(bare(command), preloaded(command));
}

TEST_F(Setting, SignalsNoneLeavesAllOfThemAlone) {
  EXPECT_THAT(records("AXSHIM_SIGNALS", "none", {"raises_signal", "15"}), IsEmpty());
  EXPECT_THAT(records("AXSHIM_SIGNALS", "none", {"derefs_null"}), IsEmpty());
}

TEST_F(Setting, SignalsListedAreTheOnesWatched) {
  EXPECT_THAT(records("AXSHIM_SIGNALS", "TERM,INT", {"raises_signal", "15"}), SizeIs(1));
  EXPECT_THAT(records("AXSHIM_SIGNALS", "TERM,INT", {"derefs_null"}), IsEmpty());
}

TEST_F(Setting, SignalsMayBeTakenFromTheDefault) {
  EXPECT_THAT(records("AXSHIM_SIGNALS", "default,-TERM", {"raises_signal", "15"}), IsEmpty());
  EXPECT_THAT(records("AXSHIM_SIGNALS", "default,-TERM", {"derefs_null"}), SizeIs(1));
}

TEST_F(Setting, SignalsOfRealTimeAreWatchedOnRequest) {
  const std::string number = std::to_string(SIGRTMIN + 3);
  EXPECT_THAT(records("AXSHIM_SIGNALS", "default", {"raises_signal", number}), IsEmpty());
  EXPECT_THAT(records("AXSHIM_SIGNALS", "default,RTMIN+3", {"raises_signal", number}), SizeIs(1));
  EXPECT_THAT(records("AXSHIM_SIGNALS", "all", {"raises_signal", number}), SizeIs(1));
}

TEST_F(Setting, ProgramsAreMatchedByGlob) {
  EXPECT_THAT(records("AXSHIM_PROGRAMS", "calls_*", {"calls_exit", "0"}), SizeIs(1));
  EXPECT_THAT(records("AXSHIM_PROGRAMS", "nginx,calls_exi?", {"calls_exit", "0"}), SizeIs(1));
  EXPECT_THAT(records("AXSHIM_PROGRAMS", "nginx", {"calls_exit", "0"}), IsEmpty());
  EXPECT_THAT(records("AXSHIM_PROGRAMS", "*,!calls_*", {"calls_exit", "0"}), IsEmpty());
  EXPECT_THAT(records("AXSHIM_PROGRAMS", "!nginx", {"calls_exit", "0"}), SizeIs(1));
}

TEST_F(Setting, ProgramsThatAreNotWatchedKeepTheirSignalsToThemselves) {
  const Path lock = make_file("lock");
  recorded({.argv = {program("raises_signal"), "15"},
            .env = {{"AXSHIM_PROGRAMS", "nginx"}, {"AXSHIM_CLEANUP", "unlink:" + lock.string()}}});
  EXPECT_TRUE(std::filesystem::exists(lock));
}

TEST_F(Setting, FollowOffLeavesTheProgramsItStartsAlone) {
  const Outcome end = recorded({.argv = {"/usr/bin/env", "/usr/bin/env"}, .env = {{"AXSHIM_FOLLOW", "0"}}});
  EXPECT_THAT(end.out, Not(HasSubstr("AXSHIM_")));
  EXPECT_THAT(end.out, Not(HasSubstr("LD_PRELOAD")));
  EXPECT_EQ(only_record(log())["termination"].value("kind", ""), "exec");
}

TEST_F(Setting, FollowOnWatchesTheProgramsItStarts) {
  recorded({.argv = {"/bin/sh", "-c", "/bin/false; exit 3"}, .env = {{"AXSHIM_FOLLOW", "1"}}});
  std::vector<std::string> ends;
  for (const Json &record : records_of(log())) {
    const Json termination = record["termination"];
    if (termination["kind"] != "exec") ends.push_back(std::to_string(termination.value("status", -1)));
  }
  EXPECT_THAT(ends, testing::ElementsAre("1", "3"));
}

TEST_F(Setting, BacktraceNamesTheFunctionsThatCalled) {
  const Records found = records("AXSHIM_BACKTRACE", "16", {"calls__exit", "0"});
  ASSERT_THAT(found, SizeIs(1));
  std::vector<std::string> symbols;
  for (const Json &frame : found[0]["termination"].value("backtrace", Json::array())) {
    symbols.push_back(frame.value("symbol", ""));
  }
  EXPECT_THAT(symbols, testing::Contains("main"));
}

// The loader gives one segment of it, the ELF header is in another. Seen to fail (no names).
TEST_F(Setting, BacktraceNamesTheFunctionsOfAProgramWithGaps) {
  const Records found = records("AXSHIM_BACKTRACE", "16", {"has_gaps"});
  ASSERT_THAT(found, SizeIs(1));
  const Json backtrace = found[0]["termination"].value("backtrace", Json::array());
  ASSERT_GE(backtrace.size(), 2U);
  EXPECT_EQ(backtrace[0].value("symbol", ""), "give_up");
  EXPECT_EQ(backtrace[1].value("symbol", ""), "main");
  EXPECT_EQ(found[0]["cleanups"][0].value("name", ""), "remove_lock");
}

TEST_F(Setting, BacktraceIsNoLongerThanAskedFor) {
  const Records two = records("AXSHIM_BACKTRACE", "2", {"overflows_stack"});
  ASSERT_THAT(two, SizeIs(1));
  EXPECT_THAT(two[0]["termination"].value("backtrace", Json::array()), SizeIs(2));
  const Records none = records("AXSHIM_BACKTRACE", "0", {"overflows_stack"});
  ASSERT_THAT(none, SizeIs(1));
  EXPECT_FALSE(none[0]["termination"].contains("backtrace"));
}

}  // namespace
}  // namespace axshim_test
