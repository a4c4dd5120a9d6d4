// `axshim report` over records and journals that real programs left.
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

using testing::ContainsRegex;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class Report : public PreloadTest {
 protected:
  Report() {
    create_directory(file("journals"));
    chmod(file("journals").c_str(), 0700);
  }
  Outcome run(Command command, const std::vector<std::string> &paths) {
    command.argv = {AXSHIM_BUILD "/axshim", "report"};
    command.argv.insert(command.argv.end(), paths.begin(), paths.end());
    return bare(std::move(command));
  }
  // Its lines, each with single spaces: columns are as wide as this machine's paths.
  std::vector<std::string> report(const std::vector<std::string> &paths, int status = 0) {
    const Outcome end = run({}, paths);
    EXPECT_EQ(end.status, exited(status)) << end.err;
    EXPECT_EQ(end.err.empty(), status == 0) << end.err;
    return squeezed(end.out);
  }
  static std::vector<std::string> squeezed(const std::string &text) {
    std::string result;
    for (const char c : text)
      if (c != ' ' || (!result.empty() && result.back() != ' ' && result.back() != '\n')) result += c;
    return lines(result);
  }
  std::string journals() const { return file("journals"); }
  // One record of each end.
  void keep_books() {
    for (const char *how : {"_exit", "term", "crash", "return"})
      recorded({.argv = {program("keeps_books"), how}});
  }
};

const std::string kPrograms = "PROCESSES UNCLEAN PROGRAM HOW THEY ENDED";
const std::string kCleanups = "CLEANUP SOURCE IN REGISTERED RAN FAILED SKIPPED";

std::vector<std::string> books() {
  return {kPrograms,
          "4 3 " + program("keeps_books") + " 1 SIGSEGV, 1 SIGTERM, 1 _exit 3, 1 return 0",
          "",
          kCleanups,
          "Ledger::~Ledger() destructor keeps_books, keeps_books.cc:14 12 3 0 9 3 forced-exit, "
          "3 not-signal-safe, 3 handler-exited",
          "save_index() atexit keeps_books, keeps_books.cc:19 4 1 1 2 1 interrupted, 1 forced-exit, 1 "
          "not-signal-safe",
          "remove_lock() atexit keeps_books, keeps_books.cc:18 4 2 0 2 1 forced-exit, 1 not-signal-safe"};
}

TEST_F(Report, AddsUpWhatBecameOfEachCleanup) {
  keep_books();
  EXPECT_EQ(report({log()}), books());
}

// stdin, a directory, and keys in another order (nlohmann sorts them).
TEST_F(Report, TakesRecordsFromAnywhere) {
  keep_books();
  const std::string text = read_file(log());
  EXPECT_EQ(squeezed(run({.input = text}, {}).out), books());
  EXPECT_EQ(squeezed(run({.input = text}, {"-"}).out), books());
  make_file("text", "not to be read");
  EXPECT_EQ(report({dir()}), books());
  std::string sorted;
  for (const Json &record : records_of(log())) sorted += record.dump() + '\n';
  EXPECT_NE(sorted, text);
  EXPECT_EQ(report({make_file("sorted", sorted)}), books());
  EXPECT_EQ(report({make_file("empty", "")}), std::vector<std::string>{"no records"});
}

// The last record of all is of an exec, too: it counts at the end.
TEST_F(Report, DropsRecordsOfExecsThatFailed) {
  const Path garbage = make_file("garbage", "\1\2\3garbage");
  chmod(garbage.c_str(), 0700);
  recorded({.argv = {program("fails_to_exec"), garbage}});
  ASSERT_THAT(read_file(log()), HasSubstr("exec-failed"));
  recorded({.argv = {program("has_exit_handlers"), "exec"}, .env = {{"AXSHIM_PROGRAMS", "!false"}}});
  EXPECT_THAT(report({log()}),
              testing::IsSupersetOf({"2 0 " + program("fails_to_exec") + " 1 _exit 0, 1 return 0",
                                     "1 1 " + program("has_exit_handlers") + " 1 exec"}));
}

// The first count is taken while the handler runs.
TEST_F(Report, ShowsWhatAProcessIsDoingAndWhatAKilledOneDid) {
  std::vector<std::string> alive;
  std::string pid;
  preloaded({.argv = {program("hangs_in_handler")},
             .env = {{"AXSHIM_DIR", journals()}, {"AXSHIM_LOG", "none"}},
             .interact = [&](pid_t it) {
               pid = std::to_string(it);
               alive = report({journals()});
               kill(it, SIGKILL);
             }});
  const std::string path = program("hangs_in_handler"), in = "hangs_in_handler, hangs_in_handler.c:";
  EXPECT_THAT(alive,
              ElementsAre(kPrograms, "1 0 " + path + " 1 runs", "", kCleanups,
                          "hangs atexit " + in + "8 1 0 0 0 running now in hangs_in_handler[" + pid + "]",
                          "runs_first atexit " + in + "6 1 1 0 0",
                          "runs_last atexit " + in + "14 1 0 0 0 1 to come"));
  EXPECT_THAT(report({journals()}), ElementsAre(kPrograms, "1 1 " + path + " 1 vanished", "", kCleanups,
                                                "hangs atexit " + in + "8 1 0 1 0 1 interrupted",
                                                "runs_last atexit " + in + "14 1 0 0 1 1 vanished",
                                                "runs_first atexit " + in + "6 1 1 0 0"));
}

// Both together, too: a process is counted once.
TEST_F(Report, TakesFromJournalsWhatRecordsTell) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> ends = {
      {{"keeps_books", "_exit"}, " 1 _exit 3"},
      {{"keeps_books", "term"}, " 1 SIGTERM"},
      {{"has_exit_handlers", "sigterm"}, " 1 SIGTERM gracefully"},
      {{"calls_abort"}, " 1 abort"},
      {{"has_exit_handlers", "exec"}, " 1 exec"},
      {{"registers_in_child", "own"}, " 1 _exit 3, 1 _exit 4"}};
  for (auto [argv, end] : ends) {
    for (const auto &old : std::filesystem::directory_iterator(journals())) std::filesystem::remove(old);
    std::filesystem::remove(log());
    argv[0] = program(argv[0]);
    std::map<std::string, std::string> env = {{"AXSHIM_DIR", journals()}, {"AXSHIM_PROGRAMS", "!false"}};
    if (end.ends_with("gracefully")) env["AXSHIM_GRACEFUL"] = "TERM";
    recorded({.argv = argv, .env = env});
    ASSERT_FALSE(is_empty(file("journals"))) << end;
    const std::vector<std::string> by_record = report({log()});
    EXPECT_THAT(by_record, testing::Contains(testing::EndsWith(argv[0] + end)));
    EXPECT_EQ(report({journals(), log()}), by_record);
    EXPECT_EQ(report({journals()}), by_record);
  }
}

// An image and the one that it became share a pid; so do two processes at different times.
TEST_F(Report, TellsProcessesOfOnePidApart) {
  recorded({.argv = {"/bin/sh", "-c", "exec " + program("waits_for_signal")},
            .env = {{"AXSHIM_DIR", journals()}},
            .interact = [](pid_t pid) { kill(pid, SIGKILL); }});
  EXPECT_THAT(report({journals(), log()}),
              testing::IsSupersetOf({testing::EndsWith(" 1 exec"),
                                     testing::EndsWith(program("waits_for_signal") + " 1 vanished")}));
  Json record = only_record(log());
  record["termination"] = {{"kind", "exit"}, {"status", 0}};
  record["started"] = "2001-01-01T00:00:00.000000Z";
  EXPECT_THAT(report({journals(), make_file("old.json", record.dump() + "\n")}),
              testing::Contains(testing::EndsWith(program("waits_for_signal") + " 1 vanished")));
}

TEST_F(Report, NamesTheFirstOfTheLinesThatAreNoRecords) {
  keep_books();
  const std::string text = read_file(log()), first = text.substr(0, text.find('\n'));
  write_file(log(), text + "\n" + first.substr(0, first.size() / 2) + "\n{\"axshim\":1}\n{\"axshim\":2" +
                        first.substr(11) + "\nplain\n" + first + "}");
  const Outcome end = run({}, {log()});
  EXPECT_EQ(end.status, exited(0));
  EXPECT_EQ(squeezed(end.out), books());
  EXPECT_EQ(end.err, "axshim: 5 lines are no records: " + log().string() + ":6 is the first\n");
}

// The disk was full, and no more.
TEST_F(Report, ReadsTheRecordBehindOneThatWasCut) {
  recorded({.argv = {program("keeps_books"), "_exit"}});
  const std::string whole = read_file(log());
  const Outcome end = run({}, {make_file("cut.jsonl", whole.substr(0, whole.size() / 2) + whole)});
  EXPECT_THAT(squeezed(end.out), testing::Contains("1 1 " + program("keeps_books") + " 1 _exit 3"));
  EXPECT_THAT(end.err, HasSubstr("1 line is no record"));
}

// Of a record that was cut nothing counts.
TEST_F(Report, SurvivesRecordsThatAreCut) {
  recorded({.argv = {program("keeps_books"), "_exit"}});
  const std::string whole = read_file(log());
  std::string cuts;
  for (size_t size = 1; size + 1 < whole.size(); size += 7) cuts += whole.substr(0, size) + '\n';
  const Outcome end = run({}, {make_file("cuts", cuts)});
  EXPECT_EQ(end.out, "no records\n");
  EXPECT_EQ(lines(end.err).size(), 1U);
  EXPECT_THAT(end.err,
              HasSubstr("axshim: " + std::to_string(lines(cuts).size()) + " lines are no records: "));
}

TEST_F(Report, SurvivesJournalsThatAreCut) {
  preloaded({.argv = {program("has_exit_handlers"), "sigterm"},
             .env = {{"AXSHIM_DIR", journals()}, {"AXSHIM_LOG", "none"}}});
  const Path journal = *std::filesystem::directory_iterator(journals());
  const std::string whole = read_file(journal);
  for (const size_t size :
       {size_t{0}, size_t{7}, size_t{4096}, size_t{12287}, size_t{12300}, whole.size() / 2}) {
    write_file(journal, whole.substr(0, size));
    const Outcome end = run({}, {journals()});
    EXPECT_EQ(end.status, exited(1)) << size;
    EXPECT_EQ(lines(end.err).size(), 1U) << end.err;
    EXPECT_THAT(end.err, HasSubstr(journal.string() + ": ")) << size;
  }
}

TEST_F(Report, ReadsTheRestWhereAFileIsMissing) {
  keep_books();
  EXPECT_EQ(report({file("nothing"), log()}, 1), books());
  EXPECT_EQ(run({}, {file("nothing")}).err,
            "axshim: " + file("nothing").string() + ": No such file or directory\n");
}

TEST_F(Report, ShowsNoControlCharacters) {
  const std::string text =
      R"({"axshim":1,"exe":"/a\u001b[1mb","termination":{"kind":"\u009bexit","status":0},)"
      R"("cleanups":[{"name":"c\u001b[31md","source":"e\u0007","outcome":"ran"}]})";
  EXPECT_THAT(report({make_file("evil.json", text + "\n")}),
              ElementsAre(kPrograms, "1 0 /a\\x1b[1mb 1 \\xc2\\x9bexit 0", "", kCleanups,
                          "c\\x1b[31md e\\x07 1 1 0 0"));
}

// A path in a foreign record is opened for its line numbers: a pipe there would hold us up for ever.
TEST_F(Report, OpensNoPipesThatRecordsName) {
  ASSERT_EQ(mkfifo(file("pipe").c_str(), 0600), 0);
  const Json record = {
      {"axshim", 1},
      {"termination", {{"kind", "exit"}, {"status", 0}}},
      {"cleanups",
       {{{"name", "f"},
         {"source", "atexit"},
         {"function", {{"module", file("pipe").string()}, {"offset", "0x10"}, {"build_id", "00"}}},
         {"outcome", "ran"}}}}};
  EXPECT_THAT(report({make_file("evil.json", record.dump() + "\n")}),
              testing::Contains("f atexit pipe 1 1 0 0"));
}

TEST_F(Report, FindsLinesInSeparateDebugFiles) {
  const std::string books = file("books"), debug = file(".debug/books.debug");
  const auto tool = [&](std::vector<std::string> argv) {
    EXPECT_EQ(bare({.argv = std::move(argv)}).status, 0);
  };
  tool({"/usr/bin/strip", "-o", books, program("keeps_books")});
  recorded({.argv = {books, "_exit"}});
  EXPECT_THAT(report({log()}), Not(testing::Contains(HasSubstr("keeps_books.cc"))));
  create_directory(file(".debug"));
  tool({"/usr/bin/objcopy", "--only-keep-debug", program("keeps_books"), debug});
  EXPECT_THAT(report({log()}), testing::Contains(ContainsRegex("atexit books, keeps_books.cc:1[89] ")));
}

// 40 MB of records in 16 MiB, and none of them lost where the pieces meet.
TEST_F(Report, TakesNoMoreMemoryForMoreRecords) {
  keep_books();
  const std::string text = read_file(log());
  const size_t times = 40'000'000 / text.size();
  std::string many;
  for (size_t i = 0; i < times; ++i) many += text;
  const Outcome end = run({.limits = {{RLIMIT_DATA, 16 << 20}}}, {make_file("many.jsonl", many)});
  EXPECT_EQ(end.status, exited(0)) << describe(end.status) << end.err;
  const std::string count = std::to_string(times);
  EXPECT_THAT(squeezed(end.out),
              testing::Contains(std::to_string(4 * times) + ' ' + std::to_string(3 * times) + ' ' +
                                program("keeps_books") + ' ' + count + " SIGSEGV, " + count + " SIGTERM, " +
                                count + " _exit 3, " + count + " return 0"));
}

TEST_F(Report, HasColoursOnTerminalsAlone) {
  keep_books();
  int master, slave;
  ASSERT_EQ(openpty(&master, &slave, nullptr, nullptr, nullptr), 0);
  const auto shown = [&](std::map<std::string, std::string> env) {
    run({.env = std::move(env), .before_exec = [slave] { dup2(slave, 1); }}, {log()});
    char buffer[8192];
    const ssize_t size = read(master, buffer, sizeof buffer);
    return std::string(buffer, size > 0 ? static_cast<size_t>(size) : 0);
  };
  EXPECT_THAT(shown({{"NO_COLOR", ""}}), HasSubstr("\x1b[31m1\x1b[m"));
  EXPECT_THAT(shown({{"NO_COLOR", "1"}}), testing::AllOf(HasSubstr("save_index()"), Not(HasSubstr("\x1b"))));
  EXPECT_THAT(run({}, {log()}).out, Not(HasSubstr("\x1b")));
  close(master);
  close(slave);
}

}  // namespace
}  // namespace axshim_test
