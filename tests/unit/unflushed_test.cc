#include "record/unflushed.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wchar.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/fault_guard.h"
#include "process.h"

namespace axshim {
namespace {

constexpr int64_t kMillisecond = 1'000'000;

// What gtest itself printed does not count.
std::vector<UnflushedStream> found(size_t capacity = 64) {
  fflush(stdout);
  FaultGuard guard;
  Context here;
  capture(&here);
  std::vector<UnflushedStream> streams(capacity);
  streams.resize(std::min(capacity, find_unflushed(streams.data(), capacity, here)));
  return streams;
}

std::vector<UnflushedStream> rescued(int64_t patience = kMillisecond) {
  std::vector<UnflushedStream> streams = found();
  FaultGuard guard;
  rescue_unflushed(streams.data(), streams.size(), monotonic_ns() + patience);
  unlock_rescued();
  return streams;
}

std::string content(const std::string &path) {
  std::string text(100'000, '\0');
  const int fd = open(path.c_str(), O_RDONLY);
  text.resize(static_cast<size_t>(std::max(0l, read(fd, text.data(), text.size()))));
  close(fd);
  return text;
}

void write_file(const std::string &path, const std::string &text) {
  FILE *stream = fopen(path.c_str(), "w");
  fputs(text.c_str(), stream);
  fclose(stream);
}

// True if `check` holds in a fork child, which remembers what it inherits.
template <class Check>
bool holds_in_child(Check check) {
  fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    remember_inherited_output();
    _exit(check() ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return status == 0;
}

class Unflushed : public testing::Test {
 protected:
  Unflushed() {
    char name[] = "/tmp/unflushed.XXXXXX";
    close(mkstemp(name));
    path = name;
  }
  ~Unflushed() override { unlink(path.c_str()); }

  std::string path;
};

TEST_F(Unflushed, IsWhatStdioHolds) {
  fflush(stdout);
  EXPECT_FALSE(has_unflushed_output());
  EXPECT_TRUE(found().empty());
  FILE *stream = fopen(path.c_str(), "w");
  EXPECT_FALSE(has_unflushed_output());
  fputs("four", stream);
  EXPECT_TRUE(has_unflushed_output());
  const auto streams = found();
  ASSERT_EQ(streams.size(), 1u);
  EXPECT_EQ(streams[0].stream, stream);
  EXPECT_EQ(streams[0].fd, fileno(stream));
  EXPECT_EQ(streams[0].bytes, 4u);
  EXPECT_EQ(streams[0].rescued, 0u);
  EXPECT_FALSE(streams[0].busy);
  EXPECT_EQ(streams[0].target, path);
  fclose(stream);
  EXPECT_FALSE(has_unflushed_output());
}

TEST_F(Unflushed, CountsMoreThanThereIsRoomFor) {
  FILE *streams[3];
  for (FILE *&stream : streams) fputs("x", stream = fopen("/dev/null", "w"));
  fflush(stdout);
  FaultGuard guard;
  Context here;
  capture(&here);
  UnflushedStream one;
  EXPECT_EQ(find_unflushed(&one, 1, here), 3u);
  EXPECT_EQ(one.stream, streams[2]);  // libc flushes the newest first
  EXPECT_EQ(find_unflushed(nullptr, 0, here), 3u);
  for (FILE *stream : streams) fclose(stream);
}

TEST_F(Unflushed, IsRescuedOnce) {
  FILE *stream = fopen(path.c_str(), "w");
  fputs("one ", stream);
  fflush(stream);
  fputs("two ", stream);
  const auto streams = rescued();
  ASSERT_EQ(streams.size(), 1u);
  EXPECT_EQ(streams[0].bytes, 4u);
  EXPECT_EQ(streams[0].rescued, 4u);
  EXPECT_FALSE(has_unflushed_output());
  EXPECT_EQ(content(path), "one two ");
  fputs("three", stream);
  fclose(stream);
  EXPECT_EQ(content(path), "one two three");
}

TEST_F(Unflushed, LeavesAFullBufferUsable) {
  FILE *stream = fopen(path.c_str(), "w");
  char buffer[8];
  setvbuf(stream, buffer, _IOFBF, sizeof buffer);
  for (const char *text = "12345678"; *text != '\0'; ++text) putc(*text, stream);
  EXPECT_EQ(rescued().at(0).rescued, 8u);
  for (const char *text = "abcdefghijkl"; *text != '\0'; ++text) putc(*text, stream);
  fclose(stream);
  EXPECT_EQ(content(path), "12345678abcdefghijkl");
}

TEST_F(Unflushed, OfALineBufferedStreamIsTheRestOfTheLine) {
  FILE *stream = fopen(path.c_str(), "w");
  setvbuf(stream, nullptr, _IOLBF, 0);
  fputs("line\nrest", stream);
  EXPECT_EQ(rescued().at(0).rescued, 4u);
  fputs(" of it\n", stream);
  EXPECT_EQ(content(path), "line\nrest of it\n");
  fclose(stream);
}

// A write that is interrupted may have happened already.
TEST_F(Unflushed, StaysWhereThisThreadWritesWithoutALock) {
  std::vector<UnflushedStream> seen;
  const cookie_io_functions_t functions = {.write = [](void *cookie, const char *, size_t size) {
    *static_cast<std::vector<UnflushedStream> *>(cookie) = found();
    return static_cast<ssize_t>(size);
  }};
  FILE *stream = fopencookie(&seen, "w", functions);
  FILE *other = fopen(path.c_str(), "w");
  fputs("four", other);
  putc_unlocked('x', stream);
  fflush_unlocked(stream);
  ASSERT_EQ(seen.size(), 2u);
  for (const UnflushedStream &either : seen) EXPECT_TRUE(either.busy && either.interrupted);

  putc('x', stream);
  fflush(stream);
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0].stream, other);
  EXPECT_FALSE(seen[0].busy);
  EXPECT_TRUE(seen[1].busy);
  for (const UnflushedStream &either : seen) EXPECT_FALSE(either.interrupted);

  EXPECT_EQ(rescued().at(0).rescued, 4u);
  fclose(other);
  fclose(stream);
}

TEST_F(Unflushed, GoesWhereItWouldHaveGoneAfterReading) {
  write_file(path, "0123456789");
  FILE *stream = fopen(path.c_str(), "r+");
  fgetc(stream);
  fgetc(stream);
  fseek(stream, 0, SEEK_CUR);
  fgetc(stream);
  fputs("AB", stream);
  EXPECT_EQ(rescued().at(0).rescued, 2u);
  EXPECT_EQ(content(path), "012AB56789");
  EXPECT_EQ(ftell(stream), 5);
  fputs("C", stream);
  fseek(stream, 0, SEEK_CUR);
  EXPECT_EQ(fgetc(stream), '6');
  fclose(stream);
  EXPECT_EQ(content(path), "012ABC6789");
}

TEST_F(Unflushed, IsForgottenByABufferThatIsReadAgain) {
  write_file(path, "0123456789");
  FILE *stream = fopen(path.c_str(), "r+");
  for (int i = 0; i < 4; ++i) fgetc(stream);
  fputs("ABC", stream);
  rescued();
  fseek(stream, 2, SEEK_SET);
  char text[9] = {};
  EXPECT_EQ(fread(text, 1, 8, stream), 8u);
  EXPECT_STREQ(text, "23ABC789");
  fclose(stream);
}

TEST_F(Unflushed, IsAppendedByAStreamThatAppends) {
  write_file(path, "0123456789");
  FILE *stream = fopen(path.c_str(), "a+");
  fgetc(stream);
  fputs("AB", stream);
  EXPECT_EQ(rescued().at(0).rescued, 2u);
  fputs("C", stream);
  fclose(stream);
  EXPECT_EQ(content(path), "0123456789ABC");
}

TEST_F(Unflushed, OfSoughtStreamsGoesToTheirPlace) {
  write_file(path, "0123456789");
  FILE *stream = fopen(path.c_str(), "r+");
  fseek(stream, 4, SEEK_SET);
  fputs("AB", stream);
  EXPECT_EQ(rescued().at(0).rescued, 2u);
  fputs("C", stream);
  EXPECT_EQ(ftell(stream), 7);
  fclose(stream);
  EXPECT_EQ(content(path), "0123ABC789");
}

TEST_F(Unflushed, OfWideStreamsIsOnlyCounted) {
  FILE *stream = fopen(path.c_str(), "w");
  fputws(L"wide", stream);
  EXPECT_TRUE(has_unflushed_output());
  const auto streams = rescued();
  ASSERT_EQ(streams.size(), 1u);
  EXPECT_EQ(streams[0].bytes, 4u);
  EXPECT_EQ(streams[0].rescued, 0u);
  EXPECT_EQ(streams[0].fd, fileno(stream));
  fclose(stream);
  EXPECT_EQ(content(path), "wide");
}

TEST_F(Unflushed, OfStreamsWithoutADescriptorIsOnlyCounted) {
  char memory[100];
  const cookie_io_functions_t functions = {
      .write = [](void *, const char *, size_t size) { return static_cast<ssize_t>(size); }};
  for (FILE *stream : {fopencookie(nullptr, "w", functions), fmemopen(memory, sizeof memory, "w")}) {
    fputs("four", stream);
    const auto streams = rescued();
    ASSERT_EQ(streams.size(), 1u);
    EXPECT_EQ(streams[0].fd, -1);
    EXPECT_STREQ(streams[0].target, "");
    EXPECT_EQ(streams[0].bytes, 4u);
    EXPECT_EQ(streams[0].rescued, 0u);
    fclose(stream);
  }
}

TEST_F(Unflushed, OfPopenIsRescued) {
  FILE *stream = popen(("cat >" + path).c_str(), "w");
  fputs("four", stream);
  const auto streams = rescued();
  EXPECT_EQ(streams.at(0).rescued, 4u);
  EXPECT_EQ(std::string(streams.at(0).target).substr(0, 5), "pipe:");
  pclose(stream);
  EXPECT_EQ(content(path), "four");
}

TEST_F(Unflushed, StaysWhereAThreadHoldsTheStream) {
  FILE *stream = fopen(path.c_str(), "w");
  fputs("four", stream);
  flockfile(stream);
  EXPECT_TRUE(found().at(0).busy);
  const auto streams = rescued();
  EXPECT_TRUE(streams.at(0).busy);
  EXPECT_EQ(streams.at(0).bytes, 4u);
  EXPECT_EQ(streams.at(0).rescued, 0u);
  funlockfile(stream);
  fclose(stream);
  EXPECT_EQ(content(path), "four");
}

TEST_F(Unflushed, OnceRescuedIsFollowedByNothing) {
  FILE *stream = fopen(path.c_str(), "w");
  fputs("first ", stream);
  std::vector<UnflushedStream> streams = found();
  FaultGuard guard;
  rescue_unflushed(streams.data(), streams.size(), 0);
  std::thread other([&] {
    fputs("second", stream);
    fflush(stream);
  });
  usleep(20'000);
  EXPECT_EQ(content(path), "first ");
  unlock_rescued();
  other.join();
  EXPECT_EQ(content(path), "first second");
  fclose(stream);
}

TEST_F(Unflushed, WaitsForAFullPipeUntilTheDeadline) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const int room = 10'000;
  fcntl(ends[1], F_SETPIPE_SZ, 65536);
  std::string filling(65536 - room, '.');
  ASSERT_EQ(write(ends[1], filling.data(), filling.size()), static_cast<long>(filling.size()));
  FILE *stream = fdopen(ends[1], "w");
  std::vector<char> buffer(30'000);
  setvbuf(stream, buffer.data(), _IOFBF, buffer.size());
  std::string text;
  for (int i = 0; text.size() < 20'000; ++i) text += std::to_string(i) + ",";
  fputs(text.c_str(), stream);

  const int64_t start = monotonic_ns();
  const auto streams = rescued(50 * kMillisecond);
  EXPECT_GE(monotonic_ns() - start, 50 * kMillisecond);
  EXPECT_LT(monotonic_ns() - start, 500 * kMillisecond);
  const size_t went = streams.at(0).rescued;
  EXPECT_GT(went, 0u);
  EXPECT_LT(went, text.size());

  // The rest is still there, once.
  std::string all;
  std::thread reader([&] {
    char piece[4096];
    for (ssize_t size; (size = read(ends[0], piece, sizeof piece)) > 0;)
      all.append(piece, static_cast<size_t>(size));
  });
  EXPECT_EQ(rescued(5000 * kMillisecond).at(0).rescued, text.size() - went);
  fclose(stream);
  reader.join();
  close(ends[0]);
  EXPECT_TRUE(all == filling + text);
}

TEST_F(Unflushed, GoesNowhereOnABrokenPipeOrAFullDisk) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  for (FILE *stream : {fdopen(ends[1], "w"), fopen("/dev/full", "w")}) {
    fputs("four", stream);
    EXPECT_EQ(rescued().at(0).rescued, 0u);  // and no SIGPIPE
    EXPECT_TRUE(has_unflushed_output());
    const auto before = signal(SIGPIPE, SIG_IGN);
    fclose(stream);
    signal(SIGPIPE, before);
  }
}

TEST_F(Unflushed, IsTheParentsInAForkChild) {
  FILE *stream = fopen(path.c_str(), "w");
  fputs("parent ", stream);
  EXPECT_TRUE(holds_in_child([] { return !has_unflushed_output() && rescued().empty(); }));
  EXPECT_TRUE(holds_in_child([&] {
    fputs("child ", stream);
    const auto streams = rescued();
    return streams.size() == 1 && streams[0].bytes == 6 && streams[0].rescued == 6 &&
           !has_unflushed_output() && holds_in_child([] { return !has_unflushed_output(); });
  }));
  EXPECT_TRUE(has_unflushed_output());
  fclose(stream);
  EXPECT_EQ(content(path), "child parent ");
}

TEST_F(Unflushed, IsTheChildsOnceItFlushedWhatItInherited) {
  FILE *stream = fopen(path.c_str(), "w");
  fputs("parent ", stream);
  EXPECT_TRUE(holds_in_child([&] {
    fflush(stream);
    fputs("child and more ", stream);
    return rescued().at(0).rescued == 15;
  }));
  EXPECT_EQ(content(path), "parent child and more ");
  fclose(stream);
}

TEST_F(Unflushed, OfAParentWithManyStreamsIsNeverTheChilds) {
  std::vector<FILE *> streams(100);
  for (FILE *&stream : streams) fputs("parent", stream = fopen("/dev/null", "w"));
  EXPECT_TRUE(holds_in_child([] { return !has_unflushed_output(); }));
  EXPECT_EQ(found(200).size(), 100u);
  for (FILE *stream : streams) fclose(stream);
}

TEST_F(Unflushed, UnderASeccompFilterCostsNoSystemCall) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "its runtime has a thread of its own, which would stay";
#endif
  FILE *stream = fopen(path.c_str(), "w");
  fputs("four", stream);  // not looked at
  const pid_t child = fork();
  if (child == 0) {
    printf("five!");
    process.quiet = true;
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
    UnflushedStream streams[4];
    bool fine = has_unflushed_output() && find_unflushed(streams, 4, Context{}) == 1;
    rescue_unflushed(streams, 1, 0);
    fine = fine && streams[0].fd == 1 && streams[0].bytes == 5 && streams[0].rescued == 0 &&
           streams[0].target[0] == 0;
    syscall(SYS_exit, fine ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  fclose(stream);
}

TEST_F(Unflushed, SurvivesABrokenList) {
  FILE *stream = fopen(path.c_str(), "w");
  FILE *const rest = stream->_chain;
  alignas(16) char zeros[512] = {};
  for (void *broken :
       {static_cast<void *>(stream), reinterpret_cast<void *>(0x10), static_cast<void *>(zeros)}) {
    stream->_chain = static_cast<FILE *>(broken);
    EXPECT_FALSE(has_unflushed_output());
    EXPECT_TRUE(found().empty());
    remember_inherited_output();
  }
  stream->_chain = rest;
  fclose(stream);
}

}  // namespace
}  // namespace axshim
