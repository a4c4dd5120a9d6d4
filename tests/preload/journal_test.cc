// The registry in a file: where it is kept, and what is left of it after each end.
#include <sys/stat.h>

#include "preload/journals.h"

namespace axshim_test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

TEST_F(Journal, IsRemovedByACleanEnd) {
  for (const char *how : {"return", "exit", "_exit", "_Exit", "quick_exit", "syscall_exit_group"}) {
    for (const char *where : {"main", "other_thread", "fork_child"}) {
      for (const char *report : {"unclean", "always", "never"}) {
        Command command{.argv = {program("ends"), where, how, "-"}};
        command.env["AXSHIM_REPORT"] = report;
        preloaded(with_journal(command));
        EXPECT_THAT(files(), IsEmpty()) << where << ' ' << how << ' ' << report;
      }
    }
  }
}

TEST_F(Journal, IsRemovedByACleanEndOfTheNextImage) {
  EXPECT_EQ(preloaded(with_journal({.argv = {"/bin/sh", "-c", "exec /bin/true"}})).status, exited(0));
  EXPECT_THAT(files(), IsEmpty());
}

// Seen to fail where the child removes its parent's.
TEST_F(Journal, IsNotThatOfAVforkChild) {
  Command command{.argv = {program("vfork_child_meddles"), "setns"}, .interact = kill_it};
  EXPECT_EQ(preloaded(with_journal(command)).status, killed(SIGKILL));
  EXPECT_THAT(files(), SizeIs(1));
}

TEST_F(Journal, IsLeftByAnUncleanEnd) {
  recorded(with_journal({.argv = {program("registers_by_api"), "_exit"}}));
  EXPECT_THAT(files(), SizeIs(1));
}

TEST_F(Journal, TellsWhatAKilledProcessLeft) {
  EXPECT_EQ(killed_one().status, killed(SIGKILL));
  ASSERT_THAT(files(), SizeIs(1));
  EXPECT_EQ(std::filesystem::status(files()[0]).permissions(), std::filesystem::perms(0600));
  EXPECT_TRUE(is_locked());
  const Outcome dry = recover({"--dry-run"});
  EXPECT_EQ(dry.status, exited(0)) << dry.err;
  EXPECT_TRUE(is_locked());
  const Outcome end = recover();
  EXPECT_EQ(end.status, exited(0)) << end.err;
  EXPECT_THAT(lines(end.out),
              ElementsAre(HasSubstr(" vanished: 4 cleanups, 2 recovered"),
                          AllOf(HasSubstr("recovered  line"), HasSubstr("api")), HasSubstr("recovered  lock"),
                          AllOf(HasSubstr("skipped    save counter"), HasSubstr("vanished")),
                          AllOf(HasSubstr("skipped    flush_cache"), HasSubstr("atexit"))));
  EXPECT_FALSE(is_locked());
  EXPECT_EQ(read_file(file("there") / "done"), "waits_with_cleanups\n");
  EXPECT_THAT(files(), IsEmpty());
  EXPECT_EQ(recover().out, "");
}

TEST_F(Journal, HoldsWhatTheEnvironmentDeclares) {
  Command command{.argv = {program("waits_for_signal")}, .interact = kill_it};
  command.env = {{"AXSHIM_CLEANUP", "unlink:here;sh:echo $AXSHIM_KIND > kind"}};
  command.cwd = file("there");
  create_directory(command.cwd);
  write_file(command.cwd / "here", "x");
  preloaded(with_journal(command));
  const Outcome end = recover();
  EXPECT_EQ(end.status, exited(0)) << end.out << end.err;
  EXPECT_FALSE(exists(file("there") / "here"));
}

TEST_F(Journal, OfAForkChildIsItsOwn) {
  killed_one("forks");
  EXPECT_EQ(read_file(file("there") / "done"), "child\n");  // by the child itself
  ASSERT_THAT(files(), SizeIs(1));
  EXPECT_THAT(recover().out, AllOf(HasSubstr("4 cleanups, 2 recovered"), Not(HasSubstr("child"))));
}

// Seen to fail (the child runs nothing) where the child takes over what its parent's file holds by then.
TEST_F(Journal, LeavesAForkChildItsHandlers) {
  for (const char *how : {"fork", "clone", "_Fork"}) {
    Command command{.argv = {program("forks_and_leaves_first"), how}};
    const Outcome plain = bare(command);
    EXPECT_THAT(lines(plain.out), ElementsAre("of the parent", "of both", "of the child", "of both"));
    EXPECT_EQ(preloaded(with_journal(command)).out, plain.out) << how;
  }
}

// What a fork takes along is what there is at the fork. Seen to fail (of the parent's 5000 handlers 255 ran,
// of a child's 8000 it ran 7745) where the child got a snapshot that was taken before.
TEST_F(Journal, OfAForkChildHoldsWhatItsParentsThreadsRegisterMeanwhile) {
  const Command command{.argv = {program("registers_while_forking")}};
  const Outcome plain = bare(command), end = preloaded(with_journal(command));
  EXPECT_THAT(lines(plain.out), ElementsAre("child: 8000 ran", "child: 8000 ran", "parent: 5000 ran"));
  expect_same(plain, end);
  EXPECT_THAT(files(), IsEmpty());
}

// Seen to die of SIGSEGV where the shim looked into them.
TEST_F(Journal, FollowsNoPointerOfASystemCall) {
  const Command command{.argv = {program("clones_by_bad_pointers")}};
  const Outcome plain = bare(command);
  EXPECT_EQ(plain.status, exited(0));
  expect_same(plain, preloaded(with_journal(command)));
}

// Seen to fail (the child's is lost) where it went on with its parent's memory.
TEST_F(Journal, IsNotSharedWhereMemoryIsShort) {
  const Outcome end = preloaded(with_journal({.argv = {program("forks_without_memory")}}));
  EXPECT_EQ(end.status, exited(0)) << end.err;
  EXPECT_EQ(end.out, "child\nparent\n");
  EXPECT_THAT(lines(end.err), ElementsAre(HasSubstr("no room for a copy")));
}

TEST_F(Journal, ThatCantBeKeptCostsOneLine) {
  Command command{.argv = {program("registers_by_api"), "exit"}};
  const Outcome plain = preloaded(command);
  const Path missing = file("missing"), no_directory = make_file("file"), open_to_all = file("open");
  create_directory(open_to_all);
  chmod(open_to_all.c_str(), 0777);
  for (const Path &directory : {missing, no_directory, open_to_all}) {
    command.env["AXSHIM_DIR"] = directory;
    const Outcome end = preloaded(command);
    EXPECT_EQ(end.status, plain.status);
    EXPECT_EQ(end.out, plain.out);
    EXPECT_THAT(lines(end.err), Contains(AllOf(HasSubstr("AXSHIM_DIR"), HasSubstr(directory.string()))));
    EXPECT_THAT(lines(end.err), SizeIs(lines(plain.err).size() + 1));
  }
}

// A directory of journals `where`, and how it and what it lies in are owned and may be written.
struct PlaceCase {
  const char *title;
  mode_t above, itself;
  uid_t owner_above, owner;
  const char *refused;  // null: it is not
};
void PrintTo(const PlaceCase &place, std::ostream *out) { *out << place.title; }

class PlaceForJournals : public Journal, public testing::WithParamInterface<PlaceCase> {};

// Seen to be kept where `axshim recover` then refused all of it.
TEST_P(PlaceForJournals, IsTheSameForWhoKeepsThemAndWhoRecovers) {
  const PlaceCase &place = GetParam();
  if (place.owner + place.owner_above != 0 && geteuid() != 0) GTEST_SKIP() << "may not give files away";
  const Path above = file("above"), where = above / "journals";
  create_directories(where);
  for (const auto &[path, mode, owner] :
       {std::tuple(where, place.itself, place.owner), std::tuple(above, place.above, place.owner_above)}) {
    chmod(path.c_str(), mode);
    ASSERT_TRUE(owner == 0 || chown(path.c_str(), owner, 0) == 0);
  }
  Command command{.argv = {program("returns_status"), "3"}, .env = {{"AXSHIM_DIR", where}}};
  const Outcome kept = preloaded(command);
  const Outcome recovered = bare({.argv = {Path(AXSHIM_BUILD) / "axshim", "recover", where}});
  EXPECT_EQ(kept.status, exited(3));
  EXPECT_EQ(recovered.status, exited(place.refused == nullptr ? 0 : 2));
  if (place.refused == nullptr) {
    EXPECT_EQ(kept.err + recovered.err, "");
  } else {
    EXPECT_THAT(lines(kept.err), ElementsAre(AllOf(HasSubstr("AXSHIM_DIR: '" + where.string() + "': "),
                                                   HasSubstr(place.refused), HasSubstr("; allowed: "))));
    EXPECT_THAT(lines(recovered.err), ElementsAre(AllOf(HasSubstr(where.string() + ": "),
                                                        HasSubstr(place.refused), HasSubstr("(allowed: "))));
  }
}

constexpr uid_t kNobody = 65534;
INSTANTIATE_TEST_SUITE_P(
    That, PlaceForJournals,
    testing::Values(PlaceCase{"IsOnesOwn", 0755, 0700, 0, 0, nullptr},
                    PlaceCase{"LiesInAStickyDirectory", 01777, 0700, 0, 0, nullptr},
                    PlaceCase{"OthersCanWrite", 0755, 0777, 0, 0, ": others can write it"},
                    PlaceCase{"OthersCanWriteAndIsSticky", 0755, 01777, 0, 0, ": others can write it"},
                    PlaceCase{"ItsGroupCanWrite", 0755, 0770, 0, 0, ": others can write it"},
                    PlaceCase{"LiesInOneThatOthersCanWrite", 0777, 0700, 0, 0, "/above above it"},
                    PlaceCase{"IsAnothers", 0755, 0755, 0, kNobody, ": it belongs to user 65534"},
                    PlaceCase{"LiesInAnothers", 0755, 0755, kNobody, 0,
                              "/above above it belongs to user 65534"}),
    [](const auto &info) { return std::string(info.param.title); });

// There /tmp and its like belong to nobody that has a name.
TEST_F(Journal, IsKeptInAUserNamespace) {
  const auto as_nobody = [] {
    if (geteuid() == 0 && (setgid(kNobody) != 0 || setuid(kNobody) != 0)) _exit(124);
  };
  chmod(dir().c_str(), 0755);
  ASSERT_TRUE(geteuid() != 0 || chown(journals().c_str(), kNobody, kNobody) == 0);
  Command command{.argv = {"/usr/bin/unshare", "-Ur", program("returns_status"), "3"},
                  .env = {{"AXSHIM_REPORT", "never"}},
                  .before_exec = as_nobody};
  if (bare(command).status != exited(3)) GTEST_SKIP() << "may not make a user namespace here";
  const Outcome end = preloaded(with_journal(command));
  EXPECT_EQ(end.status, exited(3));
  EXPECT_EQ(end.err, "");
}

// A full disk looks the same. Seen to die of SIGXFSZ where it was not blocked.
TEST_F(Journal, WithoutRoomCostsOneLine) {
  Command command{.argv = {program("registers_by_api"), "exit"}, .limits = {{RLIMIT_FSIZE, 4096}}};
  const Outcome plain = preloaded(command), end = preloaded(with_journal(command));
  EXPECT_EQ(end.status, plain.status);
  EXPECT_EQ(end.out, plain.out);
  EXPECT_THAT(lines(end.err), Contains(HasSubstr("no room for a file")));
  EXPECT_THAT(files(), IsEmpty());
}

// Seen to lose what came after the first 6 MB of names.
TEST_F(Journal, HasRoomForMany) {
  create_directory(file("there"));
  write_file(file("there") / "late", "x");
  preloaded(
      with_journal({.argv = {program("fills_its_journal")}, .cwd = file("there"), .interact = kill_it}));
  EXPECT_THAT(recover().out, HasSubstr("300001 cleanups, 1 recovered"));
  EXPECT_FALSE(exists(file("there") / "late"));
}

// Seen to keep one without a name for it, which no recovery found.
TEST_F(Journal, IsNotKeptWhereNobodyCouldTellWhoseItIs) {
  if (bare({.argv = {"/usr/bin/unshare", "--mount", "/bin/true"}}).status != 0)
    GTEST_SKIP() << "may not mount here";
  Command blind = with_journal({.argv = {program("returns_status"), "3"}});
  blind.before_exec = without_proc;
  const Outcome end = preloaded(blind);
  EXPECT_EQ(end.status, exited(3));
  EXPECT_THAT(lines(end.err), ElementsAre(AllOf(HasSubstr("AXSHIM_DIR"), HasSubstr("no journal is kept"))));
  EXPECT_THAT(files(), IsEmpty());
}

// Seen to die of SIGBUS, and of SIGSEGV where a function looked for the header again.
TEST_F(Journal, ThatIsCutCostsTheProcessNothing) {
  Command command{.argv = {program("cuts_its_journal")}};
  const Outcome end = preloaded(with_journal(command));
  EXPECT_EQ(end.status, exited(5));
  EXPECT_EQ(end.out, "cut\nlate\nearly\n");
}

}  // namespace
}  // namespace axshim_test
