// Processes are killed by SIGKILL at random moments of registering, running and ending. TORTURE is how many;
// scripts/torture takes any number.
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <set>

#include "preload/harness.h"

extern char **environ;

namespace axshim_test {
namespace {

struct Victim {
  Path directory;
  std::string said;
};

class Torture : public PreloadTest {
 protected:
  Torture() { create_directory(file("journals")); }

  // Killed once it has said so many lines, or when it ends.
  Victim kill_one(int seed, int lines) {
    Victim victim = {file("victim" + std::to_string(seed)), ""};
    create_directory(victim.directory);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe failed");
    const std::string path = program("declares_at_random"), number = std::to_string(seed);
    const pid_t pid = fork();
    if (pid == 0) {
      if (chdir(victim.directory.c_str()) != 0) _exit(126);
      dup2(ends[1], 1);
      setenv("LD_PRELOAD", library().c_str(), 1);
      setenv("AXSHIM_DIR", file("journals").c_str(), 1);
      setenv("AXSHIM_REPORT", "never", 1);
      execl(path.c_str(), path.c_str(), number.c_str(), "120", nullptr);
      _exit(127);
    }
    close(ends[1]);
    char byte;
    while (lines > 0 && read(ends[0], &byte, 1) == 1) {
      victim.said += byte;
      if (byte == '\n') --lines;
    }
    kill(pid, SIGKILL);
    while (read(ends[0], &byte, 1) == 1) victim.said += byte;
    close(ends[0]);
    waitpid(pid, nullptr, 0);
    return victim;
  }

  // Each cleanup whose declaration had returned was done once, and none that was taken back or never there.
  // The one that was at work when the process was killed may not have come to its end.
  static void check(const Victim &victim) {
    std::map<std::string, std::string> last;  // of each number: + = - ~
    for (const std::string &line : lines(victim.said)) last[line.substr(1)] += line[0];
    std::map<std::string, int> done;
    for (const std::string &line : lines(read_file(victim.directory / "done"))) ++done[line];
    int lost = 0;
    for (const auto &[number, said] : last) {
      const int times = done[number];
      EXPECT_LE(times, 1) << number << " in " << victim.directory;
      if (said.ends_with('=')) lost += 1 - times;
      EXPECT_FALSE(said.ends_with('~') && times > 0) << number << " in " << victim.directory;
    }
    const bool was_ending = victim.said.find('!') != std::string::npos;
    EXPECT_LE(lost, was_ending ? 1 : 0) << victim.directory;
    EXPECT_EQ(done.size(), last.size()) << "invented in " << victim.directory;
  }
};

TEST_F(Torture, LosesAndInventsNothing) {
  const char *given = getenv("TORTURE");
  const int count = given != nullptr ? atoi(given) : 2000, batch = 100;
  std::mt19937 random(static_cast<unsigned>(count));
  for (int seed = 0; seed < count;) {
    std::vector<Victim> victims;
    for (int i = 0; i < batch && seed < count; ++i)
      victims.push_back(kill_one(seed++, static_cast<int>(random() % 220)));
    const Outcome end = bare({.argv = {Path(AXSHIM_BUILD) / "axshim", "recover", file("journals")}});
    ASSERT_EQ(end.status, exited(0)) << end.err;
    ASSERT_EQ(end.err, "");
    for (const Victim &victim : victims) {
      check(victim);
      std::filesystem::remove_all(victim.directory);
    }
    ASSERT_TRUE(is_empty(file("journals")));
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace axshim_test
