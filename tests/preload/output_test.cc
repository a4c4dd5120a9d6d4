// Writing the record changes neither how nor when a program dies.
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::AllOf;
using testing::Each;
using testing::Ge;
using testing::HasSubstr;
using testing::Le;
using testing::SizeIs;

// A record longer than a pipe takes at once, and longer than a pipe holds.
std::string many_cleanups(int count) {
  std::string entries;
  for (int i = 0; i < count; ++i) entries += "unlink:/nonexistent/" + std::to_string(i) + ";";
  return entries;
}

// Each with a small and a large record.
class Output : public PreloadTest, public testing::WithParamInterface<std::tuple<const char *, int>> {
 protected:
  // Ends a program by _exit(7), or by a signal (SIGTERM; SIGPIPE and SIGXFSZ too, which the shim blocks
  // meanwhile).
  Command command(int number = SIGTERM) const {
    const auto [kind, cleanups] = GetParam();
    Command result{.argv = {program("calls__exit"), "7"},
                   .env = {{"AXSHIM_CLEANUP", many_cleanups(cleanups)}}};
    if (std::string(kind) == "Signal") result.argv = {program("kills_itself"), std::to_string(number)};
    result.env["AXSHIM_REPORT"] = "always";
    return result;
  }
};

// Seen to hang with a plain write in write_in_pieces(): SIGTERM never came to its end.
TEST_P(Output, ToAFullPipeDoesNotDelayTheEnd) {
  Command shimmed = command();
  shimmed.before_exec = full_pipe_as_stderr;
  const auto begin = steady_clock::now();
  const Outcome end = preloaded(shimmed);
  EXPECT_LT(steady_clock::now() - begin, seconds(5)) << "200 ms are allowed";
  EXPECT_EQ(end.status, bare(shimmed).status) << describe(end.status);
}

// Seen to fail (SIGPIPE in place of _exit(7)) without NoWriteSignals.
TEST_P(Output, ToABrokenPipeDoesNotChangeTheEnd) {
  for (int number : {SIGTERM, SIGPIPE, SIGXFSZ}) {
    Command shimmed = command(number);
    shimmed.before_exec = broken_pipe_as_stderr;
    const Outcome end = preloaded(shimmed);
    EXPECT_EQ(end.status, bare(shimmed).status) << describe(end.status);
  }
}

// Seen to fail (SIGXFSZ in place of _exit(7)) without NoWriteSignals.
TEST_P(Output, PastTheFileSizeLimitDoesNotChangeTheEnd) {
  for (int number : {SIGTERM, SIGPIPE, SIGXFSZ}) {
    Command shimmed = command(number);
    shimmed.limits = {{RLIMIT_FSIZE, 0}};
    shimmed.env["AXSHIM_LOG"] = log();
    const Outcome end = preloaded(shimmed);
    EXPECT_EQ(end.status, bare(shimmed).status) << describe(end.status);
  }
}

INSTANTIATE_TEST_SUITE_P(Of, Output,
                         testing::Combine(testing::Values("Exit", "Signal"), testing::Values(1, 2000)),
                         [](const auto &info) {
                           return std::string(std::get<0>(info.param)) +
                                  (std::get<1>(info.param) > 1 ? "WithALargeRecord" : "WithASmallRecord");
                         });

using Writes = PreloadTest;

// What is appended to a file by two processes at once stays whole only so. A large record, too.
TEST_F(Writes, OfARecordToAFileAreOne) {
  if (!std::filesystem::exists("/usr/bin/strace")) GTEST_SKIP() << "no strace";
  const Path trace = file("trace");
  const Outcome end =
      recorded({.argv = {"/usr/bin/strace", "-f", "-y", "-o", trace, "-e",
                         "trace=write,writev,pwrite64,pwritev,pwritev2", program("calls__exit"), "7"},
                .env = {{"AXSHIM_PROGRAMS", "calls__exit"}, {"AXSHIM_CLEANUP", many_cleanups(2000)}}});
  EXPECT_EQ(end.status, exited(7)) << end.err;
  EXPECT_THAT(records_of(log()), SizeIs(1));
  EXPECT_GT(file_size(log()), 65536U);
  std::vector<std::string> writes = lines(read_file(trace));
  std::erase_if(writes,
                [&](const std::string &line) { return line.find("<" + log().string() + ">") == line.npos; });
  EXPECT_THAT(writes, SizeIs(1));
}

// A pipe that has room for 4096 bytes is all that poll promises. A packet socket shows each write as one
// packet.
TEST_F(Writes, ToWhatIsNoFileAreOfAtMost4096Bytes) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
  const Outcome end = recorded(
      {.argv = {program("calls__exit"), "7"},
       .env = {{"AXSHIM_LOG", "stderr"}, {"AXSHIM_FORMAT", "json"}, {"AXSHIM_CLEANUP", many_cleanups(200)}},
       .before_exec = [&] { dup2(ends[1], 2); }});
  close(ends[1]);
  EXPECT_EQ(end.status, exited(7));
  std::string text(1 << 20, '\0'), all;
  std::vector<size_t> sizes;
  for (ssize_t size; (size = recv(ends[0], text.data(), text.size(), 0)) > 0;
       sizes.push_back(static_cast<size_t>(size))) {
    all.append(text, 0, static_cast<size_t>(size));
  }
  close(ends[0]);
  EXPECT_THAT(sizes, AllOf(SizeIs(Ge(3U)), Each(Le(4096U))));
  EXPECT_THAT(outcomes(only_record(records_in(all))), SizeIs(202));
}

}  // namespace
}  // namespace axshim_test
