// AXSHIM_LOG=syslog and journald, against real sockets at the real paths, in a mount namespace of the
// program's own.
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

using testing::AllOf;
using testing::Each;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

// /dev and /run are directories of the test's there, by bind mounts that nobody else sees.
class Datagram : public PreloadTest {
 protected:
  Datagram() {
    create_directories(file("dev"));
    create_directories(file("run/systemd/journal"));
  }
  ~Datagram() override {
    if (socket_ >= 0) close(socket_);
  }
  void SetUp() override {
    if (preloaded({.argv = {program("returns_status"), "0"}, .before_exec = enter()}).status != exited(0)) {
      GTEST_SKIP() << "may not make a mount namespace here";
    }
  }
  std::function<void()> enter() const {
    return [dev = file("dev"), run = file("run")] {
      if (unshare(geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWUSER | CLONE_NEWNS) != 0) _exit(124);
      if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) _exit(124);
      if (mount(dev.c_str(), "/dev", nullptr, MS_BIND, nullptr) != 0) _exit(124);
      if (mount(run.c_str(), "/run", nullptr, MS_BIND, nullptr) != 0) _exit(124);
    };
  }
  void listen_at(const Path &path) {
    sockaddr_un address{.sun_family = AF_UNIX};
    strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    if (socket_ >= 0) close(socket_);
    socket_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ASSERT_EQ(bind(socket_, reinterpret_cast<sockaddr *>(&address), sizeof address), 0) << strerror(errno);
  }
  Outcome run(std::map<std::string, std::string> env) {
    const Outcome end =
        preloaded({.argv = {program("calls__exit"), "7"}, .env = std::move(env), .before_exec = enter()});
    EXPECT_EQ(end.status, exited(7)) << describe(end.status);
    return end;
  }
  // What has come by the time that the program is gone is all.
  std::vector<std::string> received() {
    std::vector<std::string> datagrams;
    std::string buffer(1 << 20, '\0');
    for (ssize_t size; (size = recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT)) >= 0;) {
      datagrams.push_back(buffer.substr(0, static_cast<size_t>(size)));
    }
    return datagrams;
  }
  // 2000 cleanups with long names: 200 KiB of record. One fails, so that it is unclean.
  Path cleanups_of_200_kib() const {
    std::string entries = "rmdir:/proc\n";
    for (int i = 0; i < 2000; ++i)
      entries += "unlink:/nonexistent/" + std::string(40, 'x') + std::to_string(i) + "\n";
    return make_file("cleanups", entries);
  }
  // The payload of the journal's one field with a length of its own.
  static std::string message_of(const std::string &datagram) {
    const std::string start = "MESSAGE\n";
    const size_t at = datagram.find(start) + start.size();
    uint64_t size = 0;
    memcpy(&size, datagram.data() + at, sizeof size);
    EXPECT_EQ(at + sizeof size + size + 1, datagram.size());
    return datagram.substr(at + sizeof size, size);
  }

  int socket_ = -1;
};

TEST_F(Datagram, OfSyslogIsOnePerLineOfText) {
  listen_at(file("dev/log"));
  const Outcome end = run({{"AXSHIM_LOG", "syslog"}, {"AXSHIM_CLEANUP", "rmdir:/proc;rmdir:/sys"}});
  const std::vector<std::string> datagrams = received();
  EXPECT_THAT(datagrams, SizeIs(testing::Ge(3U)));
  const std::string header = "<12>axshim[" + std::to_string(end.pid) + "]: axshim: ";  // user.warning
  EXPECT_THAT(datagrams, Each(AllOf(StartsWith(header), testing::Not(HasSubstr("\n")))));
  EXPECT_THAT(datagrams.at(0), HasSubstr("called _exit(7)"));
  EXPECT_EQ(end.err, "");
}

TEST_F(Datagram, OfSyslogIsOneInAllOfJson) {
  listen_at(file("dev/log"));
  const Outcome end = run({{"AXSHIM_LOG", "syslog"}, {"AXSHIM_FORMAT", "json"}, {"AXSHIM_REPORT", "always"}});
  const std::vector<std::string> datagrams = received();
  ASSERT_THAT(datagrams, SizeIs(1));
  const std::string header =
      "<12>axshim[" + std::to_string(end.pid) + "]: ";  // user.warning: it lost handlers
  ASSERT_THAT(datagrams[0], StartsWith(header));
  EXPECT_EQ(only_record(records_in(datagrams[0].substr(header.size()))).value("pid", 0), end.pid);
}

TEST_F(Datagram, OfTheJournalIsOne) {
  for (const char *format : {"text", "json"}) {
    if (socket_ < 0) listen_at(file("run/systemd/journal/socket"));
    const Outcome end =
        run({{"AXSHIM_LOG", "journald"}, {"AXSHIM_FORMAT", format}, {"AXSHIM_CLEANUP", "rmdir:/proc"}});
    const std::vector<std::string> datagrams = received();
    ASSERT_THAT(datagrams, SizeIs(1));
    EXPECT_THAT(datagrams[0], StartsWith("SYSLOG_IDENTIFIER=axshim\nPRIORITY=4\nMESSAGE\n"));
    EXPECT_THAT(message_of(datagrams[0]), HasSubstr("rmdir:/proc"));
    EXPECT_EQ(end.err, "");
  }
}

// Seen to fail (EMSGSIZE, so the record came on stderr) without a limit for datagrams.
TEST_F(Datagram, IsCutToValidJson) {
  for (const char *log : {"syslog", "journald"}) {
    SCOPED_TRACE(log);
    const bool syslog = *log == 's';
    listen_at(file(syslog ? "dev/log" : "run/systemd/journal/socket"));
    const Outcome end =
        run({{"AXSHIM_LOG", log}, {"AXSHIM_FORMAT", "json"}, {"AXSHIM_CLEANUP_FILE", cleanups_of_200_kib()}});
    EXPECT_EQ(end.err, "");
    const std::vector<std::string> datagrams = received();
    ASSERT_THAT(datagrams, SizeIs(1));
    const std::string text = syslog ? datagrams[0].substr(datagrams[0].find('{')) : message_of(datagrams[0]);
    EXPECT_LE(text.size(), 60U * 1024);
    const Json record = only_record(records_in(text));
    EXPECT_EQ(record.value("truncated", false), true);
    EXPECT_EQ(record["summary"].value("registered", 0), 2003) << "what is left out is counted";
    EXPECT_THAT(outcomes(record), SizeIs(testing::Gt(100U)));
  }
}

// A log that can't be opened falls back on stderr, with one line that says so.
TEST_F(Datagram, ToNobodyFallsBackOnStderr) {
  for (const char *log : {"syslog", "journald"}) {
    const Outcome end = run({{"AXSHIM_LOG", log}, {"AXSHIM_FORMAT", "json"}, {"AXSHIM_REPORT", "always"}});
    ASSERT_THAT(lines(end.err), SizeIs(2)) << end.err;
    EXPECT_THAT(lines(end.err)[0], AllOf(StartsWith("axshim: "), HasSubstr(log)));
    EXPECT_THAT(records_in(end.err), SizeIs(1));
  }
}

}  // namespace
}  // namespace axshim_test
