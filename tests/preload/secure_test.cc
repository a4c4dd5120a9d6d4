// AT_SECURE: a set-user-ID program that somebody else starts. ld.so then preloads only a set-user-ID library
// in its own directories, by its bare name: an overlay puts one there, in a mount namespace of the program's
// own.
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

using std::filesystem::exists;
using testing::HasSubstr;
using testing::Not;

constexpr uid_t kNobody = 65534;

class Secure : public PreloadTest {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "takes root";
    for (const char *name : {"upper", "work", "logs"}) create_directory(file(name));
    chmod(dir().c_str(), 0755);
    chmod(file("logs").c_str(), 0777);
    copy_file(library(), file("upper/libaxshim.so"));
    copy_file(program("derefs_null"), file("prog"));
    copy_file("/usr/bin/env", file("env"));
    for (const char *name : {"upper/libaxshim.so", "prog", "env"}) chmod(file(name).c_str(), 04755);
    if (run({}).status == exited(124)) GTEST_SKIP() << "may not mount an overlay here";
  }
  // As nobody, with the library in the directory where libc is.
  Outcome run(std::map<std::string, std::string> env, const char *name = "prog") {
    env["LD_PRELOAD"] = "libaxshim.so";
    const std::string options = "lowerdir=" + libraries() + ",upperdir=" + file("upper").string() +
                                ",workdir=" + file("work").string();
    return preloaded({.argv = {file(name)}, .env = std::move(env), .before_exec = [&] {
                        if (unshare(CLONE_NEWNS) != 0 ||
                            mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
                          _exit(124);
                        if (mount("overlay", libraries().c_str(), "overlay", 0, options.c_str()) != 0)
                          _exit(124);
                        if (setgroups(0, nullptr) != 0 || setgid(kNobody) != 0 || setuid(kNobody) != 0)
                          _exit(124);
                      }});
  }

 private:
  static std::string libraries() {
    for (const std::string &line : lines(read_file("/proc/self/maps"))) {
      const size_t path = line.find('/'), name = line.rfind("/libc.so.6");
      if (name != line.npos && name + 10 == line.size()) return line.substr(path, name - path);
    }
    return "/lib";
  }
};

// The record on stderr shows that the library is at work; all that the variables say is ignored.
// Seen to fail (the cleanup ran as root) without the look at AT_SECURE.
TEST_F(Secure, ProgramIgnoresEveryVariable) {
  const Outcome end = run({{"AXSHIM_CLEANUP", "write:" + file("logs/cleanup").string() + "=ran"},
                           {"AXSHIM_LOG", file("logs/log.jsonl")},
                           {"AXSHIM_FORMAT", "json"},
                           {"AXSHIM_REPORT", "never"},
                           {"AXSHIM_SIGNALS", "none"},
                           {"AXSHIM_PROGRAMS", "nothing"},
                           {"AXSHIM_TIMEOUT", "never"}});
  EXPECT_EQ(end.status, killed(SIGSEGV)) << describe(end.status);
  EXPECT_THAT(end.err, HasSubstr("axshim: prog[" + std::to_string(end.pid) + "] was ended by SIGSEGV"));
  EXPECT_THAT(end.err, Not(HasSubstr("AXSHIM_TIMEOUT"))) << "not even that it is wrong";
  EXPECT_TRUE(is_empty(file("logs")));
}

// What it starts as root would obey them. Seen to fail.
TEST_F(Secure, ProgramPassesNoVariableOn) {
  const Outcome end =
      run({{"A", "1"}, {"AXSHIM_CLEANUP", "sh:id"}, {"AXSHIM_LOG", "none"}, {"Z", "2"}}, "env");
  EXPECT_THAT(lines(end.out), testing::IsSupersetOf({"A=1", "Z=2"}));
  EXPECT_THAT(end.out, Not(HasSubstr("AXSHIM_")));
}

}  // namespace
}  // namespace axshim_test
