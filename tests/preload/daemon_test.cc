// A real service that puts itself into the background: its cleanups are for the process that stays.
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

using std::filesystem::exists;
using testing::Contains;
using testing::Not;
using testing::StartsWith;

constexpr int kPatienceMs = 30000;  // only ever used up by a test that fails

class Redis : public PreloadTest {
 protected:
  static constexpr const char *kServer = "/usr/bin/redis-server";

  Redis() : watch_(inotify_init1(IN_CLOEXEC)) { inotify_add_watch(watch_, dir().c_str(), IN_CLOSE_WRITE); }
  ~Redis() override {
    if (pidfd_ >= 0) syscall(SYS_pidfd_send_signal, pidfd_, SIGKILL, nullptr, 0);
    close(pidfd_);
    close(watch_);
  }
  void SetUp() override {
    if (!exists(kServer)) GTEST_SKIP() << "no " << kServer << " (Debian: redis-server)";
  }
  // Until the parent has left, and the daemon has written its pid file: its signal handlers are in place
  // then.
  void start(const std::string &entry) {
    const Outcome end = recorded(
        {.argv = {kServer, "--daemonize", "yes", "--port", "0", "--unixsocket", file("socket"), "--pidfile",
                  file("pid"), "--logfile", file("redis.log"), "--dir", dir(), "--save", ""},
         .env = {{"AXSHIM_CLEANUP", entry}}});
    ASSERT_EQ(end.status, exited(0)) << end.out << end.err;
    ASSERT_TRUE(wait_for_file("pid")) << read_file(file("redis.log"));
    parent_ = end.pid;
    daemon_ = std::stoi(read_file(file("pid")));
    pidfd_ = static_cast<int>(syscall(SYS_pidfd_open, daemon_, 0));
    ASSERT_GE(pidfd_, 0);
  }
  void stop(int number) {
    kill(daemon_, number);
    ASSERT_TRUE(wait_for(pidfd_)) << "it does not stop";
  }
  Json record_of(pid_t pid) const {
    Records records = records_of(log());
    std::erase_if(records, [&](const Json &record) { return record["pid"] != pid; });
    return only_record(records);
  }

  pid_t parent_ = 0, daemon_ = 0;

 private:
  static bool wait_for(int fd) {
    pollfd polled{fd, POLLIN, 0};
    return poll(&polled, 1, kPatienceMs) == 1;
  }
  bool wait_for_file(const std::string &name) {
    alignas(inotify_event) char buffer[4096];
    while (wait_for(watch_)) {
      const ssize_t size = read(watch_, buffer, sizeof buffer);
      for (ssize_t at = 0; at < size;) {
        const auto *event = reinterpret_cast<const inotify_event *>(buffer + at);
        if (event->len > 0 && name == event->name) return true;
        at += static_cast<ssize_t>(sizeof *event + event->len);
      }
    }
    return false;
  }

  int watch_, pidfd_ = -1;
};

// The parent exits right after fork and would take the file with it. Seen to fail (the file
// goes with the parent) with pass_daemon_entries() empty.
TEST_F(Redis, HasItsCleanupsRunWhenTheDaemonStops) {
  const Path lock = make_file("lock");
  start("lock=unlink:" + lock.string() + " @daemon");
  if (HasFatalFailure()) return;
  EXPECT_TRUE(exists(lock)) << "the parent has left, the daemon is there";
  EXPECT_THAT(outcomes(record_of(parent_)), Not(Contains(StartsWith("lock"))));
  stop(SIGTERM);
  EXPECT_FALSE(exists(lock));
  EXPECT_THAT(outcomes(record_of(daemon_)), Contains("lock: ran"));
}

TEST_F(Redis, HasThemRunWhenTheDaemonIsKilledByASignal) {
  const Path lock = make_file("lock");
  start("lock=unlink:" + lock.string() + " @daemon");
  if (HasFatalFailure()) return;
  EXPECT_TRUE(exists(lock));
  stop(SIGQUIT);
  EXPECT_FALSE(exists(lock));
  EXPECT_EQ(record_of(daemon_)["termination"].value("signal", ""), "SIGQUIT");
}

}  // namespace
}  // namespace axshim_test
