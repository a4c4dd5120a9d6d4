// `axshim run` where the machine is not as usual: another root, no /proc, little memory, an init that is
// waited for.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "preload/journals.h"
#include "preload/runs.h"

namespace axshim_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

Path libc_path() {
  for (const std::string &line : lines(read_file("/proc/self/maps")))
    if (line.ends_with("/libc.so.6")) return line.substr(line.find('/'));
  return "";
}

// Seen to take it for one that the preload can't enter, and to print a record as JSON.
TEST_F(Run, SaysWhereAChrootTookItOutOfReach) {
  if (geteuid() != 0) GTEST_SKIP() << "takes root";
  const Path root = file("root");
  for (const Path &from : {Path("/bin/sh"), Path("/lib64/ld-linux-x86-64.so.2"), libc_path()}) {
    std::filesystem::create_directories(
        (root.string() + from.string()).substr(0, (root.string() + from.string()).rfind('/')));
    std::filesystem::copy_file(from, root.string() + from.string());
  }
  const Outcome end = run({"--", "chroot", root, "/bin/sh", "-c", "kill -TERM $$"});
  EXPECT_EQ(end.status, killed(SIGTERM)) << describe(end.status);
  EXPECT_THAT(end.err, HasSubstr("]: not seen further: where it went, by chroot or into another mount "
                                 "namespace, the library and the directory of records are out of reach\n"));
  EXPECT_THAT(end.err, AllOf(Not(HasSubstr("nothing was heard")), Not(HasSubstr("{\"axshim\""))));
}

// It waits until process 1 is its parent: as a child of axshim's for ever.
TEST_F(Run, LeavesDaemonsToInitWhereItIsAskedTo) {
  const Words daemon = {"/usr/bin/perl", "-e",
                        "exit if fork; close STDERR; open(my $out, '>', $ARGV[0]); "
                        "select(undef, undef, undef, .01) while getppid() != 1 && time < $^T + 10; "
                        "print $out getppid() == 1 ? 'orphan' : 'gave up'"};
  const auto parent_of_orphans = [&](bool bare_run, Words options) {
    const Path fifo = file("said");
    std::filesystem::remove(fifo);
    mkfifo(fifo.c_str(), 0600);
    const int end = open(fifo.c_str(), O_RDONLY | O_NONBLOCK);
    Words words = daemon;
    words.push_back(fifo);
    options.push_back("--");
    options.insert(options.end(), words.begin(), words.end());
    bare_run ? bare({.argv = words}) : run(options);
    pollfd ended = {end, POLLIN, 0};
    char text[16] = "";
    poll(&ended, 1, 20'000);
    const ssize_t size = read(end, text, sizeof text - 1);
    close(end);
    return std::string(text, size > 0 ? static_cast<size_t>(size) : 0);
  };
  if (parent_of_orphans(true, {}) != "orphan") GTEST_SKIP() << "here orphans go to another than process 1";
  EXPECT_EQ(parent_of_orphans(false, {"--no-adopt"}), "orphan");
  EXPECT_THAT(run({"--help"}).out, HasSubstr("--no-adopt"));
}

// Seen to take 4 KB for each cleanup. The record is as the preload would write it, by a program that is
// faster.
TEST_F(Run, TakesNoMoreMemoryForManyCleanups) {
  Command many = command({"--", "/usr/bin/awk", R"(BEGIN {
    to = ENVIRON["AXSHIM_LOG"]
    printf "{\"axshim\":1,\"pid\":7,\"exe\":\"/many\",\"clean\":false,\"termination\":{\"kind\":\"abort\"}," >to
    printf "\"summary\":{\"registered\":200000,\"skipped\":200000},\"cleanups\":[" >to
    for (i = 0; i < 200000; ++i) printf "%s{\"name\":\"%d\",\"outcome\":\"skipped\"}", i ? "," : "", i >to
    print "]}" >to })"});
  many.limits[RLIMIT_AS] = rlim_t{128} << 20;
  const Outcome end = bare(many);
  EXPECT_EQ(end.status, exited(0)) << describe(end.status) << end.err;
  EXPECT_THAT(end.err,
              AllOf(HasSubstr("many[7] aborted: 200000 cleanups, 200000 skipped\n"), HasSubstr("skipped  19"),
                    Not(HasSubstr("skipped  20")), HasSubstr("and 199980 more (--format json lists all)")));
  many.argv.insert(many.argv.begin() + 2, {"--format", "json"});
  EXPECT_THAT(records_in(bare(many).err).at(0)["cleanups"], SizeIs(200'000));
}

// Seen to start nothing.
TEST_F(Run, WorksWithoutProc) {
  if (geteuid() != 0) GTEST_SKIP() << "takes root";
  for (const char *name : {"calls__exit", "kills_itself"}) {
    Command command = this->command({"--report", "always", "--", program(name), "15"});
    command.before_exec = without_proc;
    const Outcome end = bare(command);
    EXPECT_EQ(end.status, bare({.argv = {program(name), "15"}}).status) << end.err;
    EXPECT_THAT(end.err, AllOf(HasSubstr(std::string("axshim: ") + name + '['), Not(HasSubstr("AXSHIM_")),
                               HasSubstr("axshim: /proc is not there: what SIGKILL ended is not known\n")));
  }
}

}  // namespace
}  // namespace axshim_test
