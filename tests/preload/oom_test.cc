// The OOM killer, in a memory cgroup of the test's own.
#include <unistd.h>

#include <fstream>

#include "preload/harness.h"

namespace axshim_test {
namespace {

using testing::HasSubstr;

// Of version 2 or 1; not made where the test may not.
class MemoryCgroup {
 public:
  MemoryCgroup() {
    std::ifstream own("/proc/self/cgroup");
    for (std::string line; std::getline(own, line);) {
      const bool is_v1 = line.find(":memory:") != line.npos;
      if (!is_v1 && !line.starts_with("0::")) continue;
      path_ = (is_v1 ? "/sys/fs/cgroup/memory" : "/sys/fs/cgroup") + line.substr(line.rfind(':') + 1) +
              "/axshim-test-" + std::to_string(getpid());
      std::error_code error;
      if (!create_directory(path_, error)) continue;
      const char *limits[] = {"memory.max", "memory.limit_in_bytes"};
      is_made_ = limit(limits[is_v1], "32M");
      limit("memory.swap.max", "0");
      limit("memory.memsw.limit_in_bytes", "32M");
      if (is_made_) return;
      rmdir(path_.c_str());
    }
  }
  ~MemoryCgroup() { rmdir(path_.c_str()); }

  bool is_made() const { return is_made_; }
  Path processes() const { return path_ / "cgroup.procs"; }

 private:
  bool limit(const char *name, const char *value) const {
    std::ofstream file(path_ / name);
    return static_cast<bool>(file << value << std::flush);
  }

  Path path_;
  bool is_made_ = false;
};

class Oom : public PreloadTest {
 protected:
  Oom() { create_directory(journals()); }

  Path journals() const { return file("journals"); }
  Outcome run_limited(const std::string &command) {
    const std::string enter = "echo $$ > " + cgroup_.processes().string();
    return bare({.argv = {"/bin/sh", "-c", enter + " && exec " + command}});
  }

  MemoryCgroup cgroup_;
};

TEST_F(Oom, KillIsToldFromOthers) {
  if (!cgroup_.is_made()) GTEST_SKIP() << "may not make a memory cgroup here";
  const std::string run = AXSHIM_BUILD "/axshim run ";
  const Outcome end = run_limited(run + program("eats_memory"));
  EXPECT_EQ(end.status, killed(SIGKILL)) << end.out << end.err;
  EXPECT_THAT(end.err, HasSubstr("vanished: killed by the OOM killer"));
  EXPECT_THAT(end.err, HasSubstr("skipped  flush_cache"));
  const Outcome other = run_limited(run + program("kills_itself") + " 9");
  EXPECT_THAT(other.err, testing::Not(HasSubstr("OOM")));
}

}  // namespace
}  // namespace axshim_test
