// Threads that end their process at once, while others register, fork and exec: with and without a journal,
// and bare. HOSTILE_SECONDS is how long; scripts/torture takes any time.
// HOSTILE_SEED begins there, HOSTILE_SETTING is the only one, HOSTILE_KEEP where a failure's files go.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>

#include "preload/harness.h"

namespace axshim_test {
namespace {

using Clock = std::chrono::steady_clock;

struct Setting {
  std::string name, variable, value;
};

// Bare first.
const std::vector<Setting> kSettings = {{"bare", "", ""},
                                        {"quiet", "AXSHIM_REPORT", "never"},
                                        {"always", "AXSHIM_REPORT", "always"},
                                        {"stdio", "AXSHIM_STDIO", "rescue"},
                                        {"rescue", "AXSHIM_RESCUE", "forced"},
                                        {"graceful", "AXSHIM_GRACEFUL", "TERM,INT"},
                                        {"signals", "AXSHIM_SIGNALS", "none"}};

class HostileTorture : public PreloadTest {
 protected:
  // False if it, or what it left behind, did not end.
  bool run_one(int seed, const Setting &setting, bool with_journal, int kill_after_ms) {
    int ends[2];  // all of its processes hold one
    if (pipe(ends) != 0) throw std::runtime_error("pipe failed");
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    const std::string path = program("ends_at_once"), number = std::to_string(seed);
    const std::string out = file("out"), said = file("said");
    const pid_t pid = fork();
    if (pid == 0) {
      setpgid(0, 0);
      if (chdir(dir().c_str()) != 0) _exit(126);
      const int null = open("/dev/null", O_WRONLY);
      dup2(null, 1), dup2(null, 2);
      if (setting.name != "bare") {
        setenv("LD_PRELOAD", library().c_str(), 1);
        setenv("AXSHIM_LOG", log().c_str(), 1);
        setenv("AXSHIM_TIMEOUT", "1m", 1), setenv("AXSHIM_BUDGET", "1m", 1);
        setenv(setting.variable.c_str(), setting.value.c_str(), 1);
        if (with_journal) setenv("AXSHIM_DIR", file("journals").c_str(), 1);
      }
      execl(path.c_str(), path.c_str(), number.c_str(), out.c_str(), said.c_str(), "2", nullptr);
      _exit(127);
    }
    setpgid(pid, pid);
    close(ends[1]);
    pollfd ended = {ends[0], 0, 0};
    bool all_ended = true;
    if (kill_after_ms >= 0) {
      poll(&ended, 1, kill_after_ms);
      kill(-pid, SIGKILL);
    }
    all_ended = poll(&ended, 1, 60'000) == 1;
    if (!all_ended) kill(-pid, SIGKILL);
    close(ends[0]);
    waitpid(pid, &status_, 0);
    return all_ended;
  }

  // Each cleanup whose declaration had returned before its process began to end was done once, unless an exec
  // took its process away; none that was taken back was, and none twice. One that was at work when another
  // thread, or the test, ended the process may not have come to its end.
  void check(bool was_killed) {
    struct Process {
      std::map<std::string, std::string> cleanups;
      int ends = 0;
      bool execs = false;
    };
    std::map<std::string, Process> processes;
    for (const std::string &line : lines(read_file(file("said")))) {
      std::istringstream words(line);
      std::string what, pid, number;
      words >> what >> pid >> number;
      Process &process = processes[pid];
      if (what == "E") ++process.ends, process.execs |= number == std::to_string(int('x'));
      if (what != "E") process.cleanups[number] += what == "D" && process.ends > 0 ? "d" : what;
    }
    std::map<std::string, int> done;
    if (exists(file("out")))
      for (const std::string &line : lines(read_file(file("out")))) ++done[line];
    for (const auto &[pid, process] : processes) {
      int lost = 0;
      for (const auto &[number, states] : process.cleanups) {
        const int times = done[pid + ":" + number];
        done.erase(pid + ":" + number);
        EXPECT_LE(times, 1) << "twice: " << pid << ":" << number;
        EXPECT_FALSE(times > 0 && states.ends_with("U")) << "taken back, and done: " << pid << ":" << number;
        if (states.ends_with("D") && times == 0 && !process.execs) ++lost;
        entries_ += states.ends_with("D") ? 1 : 0;
      }
      EXPECT_LE(lost, process.ends > 1 || was_killed ? 1 : 0) << "lost by " << pid;
    }
    EXPECT_TRUE(done.empty()) << "invented: " << done.begin()->first;
  }

  int status_ = 0;
  long entries_ = 0;
};

TEST_F(HostileTorture, HangsLosesAndInventsNothing) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  const char *given = getenv("HOSTILE_SECONDS"), *seed_given = getenv("HOSTILE_SEED");
  const char *only = getenv("HOSTILE_SETTING");
  const auto until = Clock::now() + std::chrono::seconds(given != nullptr ? atoi(given) : 60);
  int seed = seed_given != nullptr ? atoi(seed_given) : static_cast<int>(time(nullptr) % 1'000'000);
  long runs = 0, kills = 0;
  for (std::mt19937 random(static_cast<unsigned>(seed)); Clock::now() < until && !HasFailure();
       ++seed, ++runs) {
    const Setting &setting = kSettings[runs % kSettings.size()];
    if (only != nullptr && setting.name != only) continue;
    const bool with_journal = random() % 2 == 0, kills_it = with_journal && random() % 3 == 0;
    SCOPED_TRACE("seed " + std::to_string(seed) + " " + setting.name + (with_journal ? " journal" : "") +
                 (kills_it ? " killed" : ""));
    std::filesystem::remove(file("out"));
    std::filesystem::remove(file("said"));
    std::filesystem::remove(log());
    std::filesystem::remove_all(file("journals"));
    create_directory(file("journals"));
    EXPECT_TRUE(run_one(seed, setting, with_journal, kills_it ? static_cast<int>(random() % 30) : -1))
        << "hung";
    while (waitpid(-1, nullptr, WNOHANG) > 0) continue;
    kills += kills_it ? 1 : 0;
    if (WIFSIGNALED(status_)) {
      EXPECT_THAT(WTERMSIG(status_), testing::AnyOf(SIGTERM, SIGINT, SIGABRT, SIGILL, SIGTRAP, SIGKILL));
    }
    if (setting.name == "bare" || setting.name == "signals") continue;
    if (with_journal) {
      const Outcome end =
          bare({.argv = {Path(AXSHIM_BUILD) / "axshim", "recover", file("journals")}, .cwd = dir()});
      EXPECT_EQ(end.status, exited(0)) << end.err;
    }
    check(kills_it);
    if (const char *kept = getenv("HOSTILE_KEEP"); kept != nullptr && HasFailure())
      std::filesystem::copy(dir(), kept, std::filesystem::copy_options::recursive);
  }
  printf("%ld runs, %ld of them killed by SIGKILL, %ld cleanups\n", runs, kills, entries_);
}

}  // namespace
}  // namespace axshim_test
