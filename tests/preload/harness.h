// Runs a program bare or under the preload, and reads the records that the preload wrote.
//
//   const Outcome end = preloaded({.argv = {program("calls__exit"), "7"}, .env = {{"AXSHIM_LOG", log()}}});
//   EXPECT_EQ(end.status, exited(7));
//   EXPECT_EQ(only_record(log())["termination"]["kind"], "_exit");
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

// A key that a record lacks fails that one test: gtest reports exceptions, an assertion would end all tests.
namespace axshim_test {
[[noreturn]] inline void json_failed(const char *condition) { throw std::out_of_range(condition); }
}  // namespace axshim_test
#define JSON_ASSERT(condition) ((condition) ? void() : axshim_test::json_failed(#condition))
#include <nlohmann/json.hpp>

namespace axshim_test {

using Json = nlohmann::json;
using Path = std::filesystem::path;
using Records = std::vector<Json>;

struct Command {
  std::vector<std::string> argv;           // argv[0] is a path
  std::map<std::string, std::string> env;  // on top of this process's own, less LD_* and AXSHIM_*
  std::string input;                       // its stdin
  rlim_t core = 0;                         // RLIMIT_CORE; a core file goes to the private working directory
  std::map<int, rlim_t> limits;            // any other resource limit
  Path cwd;                                // default: a new empty directory
  // Called once the program has printed the line "ready": tests need no sleeps.
  std::function<void(pid_t)> interact;
  // Called in the child right before exec, with descriptors 0, 1 and 2 in place: to change what it inherits.
  std::function<void()> before_exec;
  // Only ever reached by a program that hangs: it is killed and the test fails.
  std::chrono::seconds deadline{30};
};

struct Outcome {
  std::string out, err;
  int status = 0;  // as waitpid gives it, core flag included
  pid_t pid = 0;
  Path cwd;
};

// Wait statuses as tests like to write them.
int exited(int code);
int killed(int number, bool core = false);
std::string describe(int status);

// The path of a program built from tests/programs.
std::string program(const std::string &name);
Path library();
Path source_dir();

std::string read_file(const Path &path);
void write_file(const Path &path, const std::string &text);
std::vector<std::string> lines(const std::string &text);

// The records in a text, in order; lines that are no records are left out. Those that an "exec-failed" event
// voids are dropped together with the event, as readers have to.
Records records_in(const std::string &text);
Records records_of(const Path &log);
// The one record there is; the test fails, and gets an empty object, where there is another number of them.
Json only_record(const Records &records);
Json only_record(const Path &log);
// The cleanup of that name in a record; the test fails, and gets an empty object, where there is none.
Json cleanup(const Json &record, const std::string &name);
// "name: outcome (reason)" for each cleanup, in the record's order: what most tests compare.
std::vector<std::string> outcomes(const Json &record);

// Whether the main thread of a process waits in a system call, or is gone.
bool is_asleep(pid_t pid);

// For before_exec: a stderr that takes nothing more, and one that nobody reads any more.
void full_pipe_as_stderr();
void broken_pipe_as_stderr();

// Same output, same wait status, same core flag.
void expect_same(const Outcome &bare, const Outcome &preloaded);

// A private temporary directory for each test, removed afterwards, and runs inside it.
class PreloadTest : public testing::Test {
 protected:
  PreloadTest();
  ~PreloadTest() override;

  Outcome bare(Command command);
  Outcome preloaded(Command command);
  // Under the preload with AXSHIM_REPORT=always and AXSHIM_LOG=log(), unless the command says otherwise.
  Outcome recorded(Command command);

  const Path &dir() const { return dir_; }
  Path file(const std::string &name) const { return dir_ / name; }
  // A file there that exists, with a text.
  Path make_file(const std::string &name, const std::string &text = "x") const;
  Path log() const { return dir_ / "log.jsonl"; }

 private:
  Outcome run(Command command);

  Path dir_;
  int runs_ = 0;
};

}  // namespace axshim_test
