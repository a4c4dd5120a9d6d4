// What the README shows axshim.hpp used for: each at all ends, under the preload and bare, and with a SIGTERM
// that becomes an orderly exit.
#include <semaphore.h>
#include <unistd.h>

#include "preload/api_ends.h"

namespace axshim_test {
namespace {

using testing::AnyOf;
using testing::Each;
using testing::EndsWith;

class UseCase : public AtEachEnd {
 protected:
  UseCase() : semaphore_("/axshim_test-" + std::to_string(getpid())) {}
  ~UseCase() override { sem_unlink(semaphore_.c_str()); }

  Command command(const std::string &name, const std::vector<std::string> &files) const {
    Command command{.argv = {program(name)}, .cwd = dir()};
    command.argv.insert(command.argv.end(), files.begin(), files.end());
    command.argv.push_back(end().word);
    return command;
  }
  // A run that leaves nothing behind.
  void run_again(Command command) {
    command.argv.back() = "exit";
    last_ = bare(command);
  }
  const Outcome &last() const { return last_; }
  const std::string &semaphore() const { return semaphore_; }

 private:
  std::string semaphore_;
  Outcome last_;
};

TEST_P(UseCase, ClosesADatabase) {
  const Command opens = command("closes_a_database", {"books.db"});
  run(opens);
  EXPECT_NE(std::filesystem::exists(file("books.db-wal")), runs_ordinary());
  run_again(opens);
  EXPECT_EQ(last().status, exited(11)) << last().err;
  EXPECT_FALSE(std::filesystem::exists(file("books.db-wal")));
}

TEST_P(UseCase, LogsItsExit) {
  run(command("logs_its_exit", {}));
  const std::string started = "started\n";
  EXPECT_EQ(read_file(file("lines.log")), started + (runs_signal_safe() ? "the end\n" : ""));
  EXPECT_EQ(read_file(file("stdio.log")), runs_signal_safe() ? started : "");
  EXPECT_EQ(read_file(file("stream.log")), runs_ordinary() ? started : "");
}

TEST_P(UseCase, SavesACounter) {
  write_file(file("counter"), "41\n");
  run(command("saves_a_counter", {"counter"}));
  EXPECT_EQ(read_file(file("counter")), runs_ordinary() ? "42\n" : "41\n");
}

// The kernel gives the file's lock back in any case.
TEST_P(UseCase, ReleasesItsLocks) {
  const Command locks = command("releases_its_locks", {semaphore(), "lock"});
  EXPECT_EQ(run(locks).out, "1 1 1 1\n");
  run_again(locks);
  EXPECT_EQ(last().out, runs_signal_safe() ? "1 1 1 1\n" : "0 1 0 1\n");
}

INSTANTIATE_TEST_SUITE_P(At, UseCase, each_end(), title_of_end);

class SigtermAsAnOrderlyExit : public PreloadTest {
 protected:
  std::vector<std::string> outcomes_of(std::vector<std::string> argv) {
    argv.front() = program(argv.front());
    argv.push_back("sigterm");
    const Command command{.argv = argv, .env = {{"AXSHIM_GRACEFUL", "TERM"}}, .cwd = dir()};
    EXPECT_EQ(recorded(command).status, killed(SIGTERM));
    return own_outcomes(only_record(log()));
  }
};

TEST_F(SigtermAsAnOrderlyExit, SavesACounter) {
  EXPECT_THAT(outcomes_of({"saves_a_counter", "counter"}), Each(EndsWith(": ran")));
  EXPECT_EQ(read_file(file("counter")), "1\n");
}

TEST_F(SigtermAsAnOrderlyExit, ClosesADatabase) {
  EXPECT_THAT(outcomes_of({"closes_a_database", "books.db"}), Each(EndsWith(": ran")));
  EXPECT_FALSE(std::filesystem::exists(file("books.db-wal")));
}

TEST_F(SigtermAsAnOrderlyExit, LosesNoLog) {
  EXPECT_THAT(outcomes_of({"logs_its_exit"}), Each(AnyOf(EndsWith(": ran"), "flush: skipped (policy)")));
  for (const char *log : {"stdio.log", "stream.log"}) EXPECT_EQ(read_file(file(log)), "started\n");
  EXPECT_EQ(read_file(file("lines.log")), "started\nthe end\n");
}

}  // namespace
}  // namespace axshim_test
