// `axshim doctor`: whether it is right about programs, and unmoved by files that are none.
#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr uid_t kNobody = 65534;

class Doctor : public PreloadTest {
 protected:
  Outcome doctor(const std::string &prog, const std::string &path = "/usr/bin:/bin") {
    return bare({.argv = {AXSHIM_BUILD "/axshim", "doctor", prog}, .env = {{"PATH", path}}});
  }
  // The harness takes 127 for a program of its own that is not there.
  std::string said_by_shell(const std::string &prog, const std::string &path) {
    const std::string command = "'" AXSHIM_BUILD "/axshim' doctor \"$0\" 2>&1; echo $?";
    return bare({.argv = {"/bin/sh", "-c", command, prog}, .env = {{"PATH", path}}}).out;
  }
  Path executable(const std::string &name, const std::string &bytes) {
    const Path path = make_file(name, bytes);
    chmod(path.c_str(), 0755);
    return path;
  }
  // calls_exit, with something in it changed.
  Path changed(const std::string &from, const std::string &to) {
    std::string bytes = read_file(program("calls_exit"));
    const size_t at = bytes.find(from);
    EXPECT_NE(at, bytes.npos);
    return executable("changed", bytes.replace(at, to.size(), to));
  }
  Path compiled(const std::string &text, std::vector<std::string> flags) {
    std::vector<std::string> argv = {"/usr/bin/gcc", "-x",        "c", make_file("prog.c", text),
                                     "-o",           file("prog")};
    argv.insert(argv.end(), flags.begin(), flags.end());
    const Outcome end = bare({.argv = argv});
    EXPECT_EQ(end.status, 0) << end.err;
    return file("prog");
  }
};

void expect_works(const Outcome &end, const std::string &path) {
  EXPECT_EQ(end.status, exited(0)) << describe(end.status) << end.err;
  EXPECT_THAT(end.out, StartsWith(path + ": the preload works on it\n"));
}

void expect_refused(const Outcome &end, const std::string &path, const std::string &why) {
  EXPECT_EQ(end.status, exited(1)) << describe(end.status) << end.err;
  EXPECT_THAT(end.out, StartsWith(path + ": the preload can't enter it: " + why));
  EXPECT_THAT(end.err, IsEmpty());
}

// And the preload itself says the same of each.
TEST_F(Doctor, SaysWhatWillBeSeenOfAProgram) {
  const std::string path = program("calls_exec");
  const Outcome end = doctor(path);
  expect_works(end, path);
  EXPECT_THAT(end.out, ContainsRegex("\n  sees  fatal signals, return from main, execl, .*, execveat\n"));
  EXPECT_THAT(doctor(program("has_exit_handlers")).out,
              HasSubstr("sees  fatal signals, return from main, _exit, quick_exit, execl, atexit and "
                        "destructors, on_exit\n"));
}

TEST_F(Doctor, RefusesStaticPrograms) {
  for (const char *flag : {"-static", "-static-pie"}) {
    const Path path = compiled("int main(void) { return 3; }", {flag});
    const Outcome end = recorded({.argv = {path}});
    EXPECT_EQ(end.status, exited(3));
    EXPECT_FALSE(exists(log())) << "the library was in it";
    expect_refused(doctor(path), path, "it is static; link it dynamically, or ");
  }
}

TEST_F(Doctor, RefusesOtherLibcsAndMachines) {
  const std::string loader = "/lib64/ld-linux-x86-64.so.2";
  Path path = changed(loader, std::string("/lib/ld-musl-x86_64.so.1") + '\0');
  expect_refused(doctor(path), path, "its libc is musl; build it against glibc\n");
  path = changed(loader, std::string("/system/bin/linker64") + '\0');
  expect_refused(doctor(path), path, "its loader is not glibc's ld-linux-x86-64.so.2; ");
  path = changed(loader, "/lib65/ld-linux-x86-64.so.2");
  expect_refused(doctor(path), path, "its loader is not there, so it does not start at all; ");
  std::string bytes = read_file(program("calls_exit"));
  bytes[18] = static_cast<char>(183);  // e_machine
  path = executable("foreign", bytes);
  expect_refused(doctor(path), path, "it is 64-bit ARM, and the library is 64-bit x86-64; ");
  expect_refused(doctor(library()), library(), "it is a library; ");
}

// Seen from two users: whether rights are gained is a matter of who starts it.
TEST_F(Doctor, RefusesProgramsThatGainRights) {
  if (geteuid() != 0) GTEST_SKIP() << "takes root";
  const Path path = executable("gains", read_file(program("calls_exit")));
  const auto expect_refusal = [&](const std::string &what) {
    expect_refused(doctor(path), path, what);
    EXPECT_EQ(chown(path.c_str(), getuid(), getgid()), 0);  // and this clears the bits
  };
  const auto change = [&](uid_t user, gid_t group, mode_t mode) {
    EXPECT_EQ(chown(path.c_str(), user, group), 0);
    EXPECT_EQ(chmod(path.c_str(), mode), 0);
  };
  change(kNobody, getgid(), 04755);
  expect_refusal("it is set-user-ID; run it as its owner, or try a copy of it");
  change(getuid(), kNobody, 02755);
  expect_refusal("it is set-group-ID; ");
  change(getuid(), getgid(), 06755);
  const Outcome own = doctor(path);
  expect_works(own, path);
  EXPECT_THAT(own.out,
              HasSubstr("but   it is set-user-ID: the preload can't enter it where others start it"));

  change(getuid(), getgid(), 0755);
  vfs_cap_data data = {};
  data.magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE;
  data.data[0].permitted = 1U << CAP_NET_RAW;
  if (setxattr(path.c_str(), "security.capability", &data, XATTR_CAPS_SZ_2, 0) != 0)
    GTEST_SKIP() << "file capabilities are not to be had here";
  EXPECT_THAT(doctor(path).out, HasSubstr("but   it has file capabilities: "));
  chmod(dir().c_str(), 0755);
  const auto as_nobody = [] {
    if (setgid(kNobody) != 0 || setuid(kNobody) != 0) _exit(124);
  };
  // The build may lie where nobody else looks.
  const Path tool = executable("axshim", read_file(AXSHIM_BUILD "/axshim"));
  expect_refused(bare({.argv = {tool, "doctor", path}, .before_exec = as_nobody}), path,
                 "it has file capabilities; run it as root, or ");
}

// There nobody gains any: and the preload enters it, too.
TEST_F(Doctor, KnowsMountsThatGiveNoRights) {
  if (bare({.argv = {"/usr/bin/unshare", "--mount", "/bin/true"}}).status != 0)
    GTEST_SKIP() << "may not mount here";
  const std::string here = dir();
  const Path path = executable("gains", read_file(program("calls_exit")));
  EXPECT_EQ(chown(path.c_str(), kNobody, kNobody), 0);
  EXPECT_EQ(chmod(path.c_str(), 04755), 0);
  const auto without_rights = [&here] {
    if (unshare(CLONE_NEWNS) != 0) _exit(124);
    if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) _exit(124);
    if (mount(here.c_str(), here.c_str(), nullptr, MS_BIND, nullptr) != 0) _exit(124);
    if (mount("none", here.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_NOSUID, nullptr) != 0) _exit(124);
  };
  expect_refused(doctor(path), path, "it is set-user-ID");
  expect_works(bare({.argv = {AXSHIM_BUILD "/axshim", "doctor", path}, .before_exec = without_rights}), path);
  recorded({.argv = {path}, .before_exec = without_rights});
  EXPECT_TRUE(exists(log())) << "the library was not in it";
}

TEST_F(Doctor, KnowsSanitizers) {
  const Path path = compiled("int main(void) { return 3; }", {"-fsanitize=address"});
  EXPECT_NE(recorded({.argv = {path}}).status, exited(3)) << "it does work";
  const Outcome end = doctor(path);
  expect_refused(end, path, "its AddressSanitizer wants to be the first library; put libasan.so.");
  EXPECT_EQ(recorded({.argv = {path}, .env = {{"ASAN_OPTIONS", "verify_asan_link_order=0"}}}).status,
            exited(3));

  const Path inside = compiled("void __asan_init(void) {}\nint main(void) { return 3; }", {});
  expect_works(doctor(inside), inside);
  EXPECT_THAT(doctor(inside).out, HasSubstr("\n  sanitizer  linked into it"));
  compiled("int main(void) { return 3; }", {});
  EXPECT_THAT(doctor(inside).out, Not(HasSubstr("sanitizer")));
}

TEST_F(Doctor, WarnsOfGoAndOfFilters) {
  const std::string go = "__attribute__((section(\".go.buildinfo\"))) int info = 1;\nint main(void) {}";
  const Path path = compiled(go, {});
  expect_works(doctor(path), path);
  EXPECT_THAT(doctor(path).out,
              HasSubstr("\n  but   os.Exit and the end of Go's main make a raw system call"));
  expect_refused(doctor(compiled(go, {"-static"})), path,
                 "it is a static Go program; build it with CGO_ENABLED=1");
  EXPECT_THAT(doctor(program("filters_itself")).out,
              HasSubstr("\n  seccomp  it may set a filter (it calls prctl"));
  EXPECT_THAT(doctor(program("calls_exit")).out, Not(HasSubstr("seccomp")));
}

TEST_F(Doctor, FollowsScripts) {
  const Path direct = executable("direct", "#! " + program("calls_exit") + " -x\n");
  expect_works(doctor(direct), direct);
  EXPECT_THAT(doctor(direct).out, HasSubstr("\n  script  run by " + program("calls_exit") + "\n"));
  const Path nested = executable("nested", "#!" + direct.string() + "\n");
  EXPECT_THAT(doctor(nested).out, HasSubstr("\n  script  run by " + direct.string() + "\n  script  run by " +
                                            program("calls_exit")));
  const Path env = executable("env", "#!/usr/bin/env -S A=b calls_exit -x\n");
  EXPECT_THAT(doctor(env, program("")).out, HasSubstr("\n  script  run by " + program("") + "/calls_exit\n"));
  const Path unset = executable("unset", "#!/usr/bin/env -S -u FOO calls_exit\n");
  EXPECT_THAT(doctor(unset, program("")).out,
              HasSubstr("\n  script  run by " + program("") + "/calls_exit\n"));
  const Path relative = executable("relative", "#!sh\n");  // of the working directory, as execve has it
  expect_refused(doctor(relative), relative, "./sh: not found\n");
  const Path plain = executable("plain", "echo\n");
  EXPECT_THAT(doctor(plain).out, HasSubstr("\n  script  run by /bin/sh\n"));
  const Path lost = executable("lost", "#!/nonexistent/sh\n");
  expect_refused(doctor(lost), lost, "/nonexistent/sh: not found\n");
  const Path circle = executable("circle", "#!" + file("circle").string() + "\n");
  expect_refused(doctor(circle), circle, "its interpreters go round in a circle\n");
}

TEST_F(Doctor, FindsProgramsAsAShellDoes) {
  create_directory(file("first"));
  create_directory(file("second"));
  create_directory(file("first/prog"));
  const std::string path = file("first").string() + ':' + file("second").string();
  EXPECT_EQ(said_by_shell("prog", path), "axshim: prog: not found\n127\n");
  make_file("second/prog", "echo\n");
  const std::string second = file("second/prog");
  EXPECT_EQ(said_by_shell("prog", path), "axshim: " + second + ": Permission denied\n126\n");
  executable("second/prog", "echo\n");
  expect_works(doctor("prog", path), second);
  EXPECT_EQ(said_by_shell(dir(), path), "axshim: " + dir().string() + ": Is a directory\n126\n");
  EXPECT_EQ(said_by_shell(second + "/a", path), "axshim: " + second + "/a: not found\n127\n");
  EXPECT_EQ(said_by_shell("", path), "axshim: an empty name: not found\n127\n");
}

TEST_F(Doctor, SaysInOneLineWhatIsWrongWithItsArguments) {
  for (const std::vector<std::string> &args : {std::vector<std::string>{}, {"--nonsense"}, {"a", "b"}}) {
    std::vector<std::string> argv = {AXSHIM_BUILD "/axshim", "doctor"};
    argv.insert(argv.end(), args.begin(), args.end());
    const Outcome end = bare({.argv = argv});
    EXPECT_EQ(end.status, exited(2));
    EXPECT_EQ(lines(end.err).size(), 1U) << end.err;
  }
}

// Cut inside what is loaded it would crash; behind that only its symbols are lost.
TEST_F(Doctor, SurvivesFilesThatAreCut) {
  const std::string whole = read_file(program("calls_exit"));
  for (size_t size = 0; size < whole.size(); size += size < 1100 ? 16 : 1499) {
    const Path path = executable("cut", whole.substr(0, size));
    const Outcome end = doctor(path);
    EXPECT_TRUE(end.status == exited(0) || end.status == exited(1)) << size << ": " << describe(end.status);
    EXPECT_THAT(end.out, StartsWith(path.string() + ": the preload ")) << size;
    EXPECT_THAT(end.err, IsEmpty()) << size;
    if (size > 0 && size < 4096) expect_refused(end, path, "it is damaged: ");
  }
}

TEST_F(Doctor, ShowsNoControlCharacters) {
  const Path path = executable("a\x1b[31mb", "echo\n");
  EXPECT_THAT(doctor(path).out, HasSubstr("/a\\x1b[31mb: the preload works"));
  EXPECT_EQ(said_by_shell("\x1b[31m", "/bin"), "axshim: \\x1b[31m: not found\n127\n");
}

}  // namespace
}  // namespace axshim_test
