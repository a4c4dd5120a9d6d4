#include "cleanup/declared.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <string>
#include <vector>

namespace axshim {
namespace {

using Strings = std::vector<std::string>;
using When = Declared::When;
using Source = EntrySplitter::Source;

Strings split(std::string_view text, Source source = Source::variable) {
  Strings entries;
  EntrySplitter splitter(text, source);
  for (std::string_view entry; splitter.next(entry);) entries.emplace_back(entry);
  return entries;
}

// A parsed entry with the buffer that it lives in.
struct Parsed : Declared {
  std::vector<char> buffer;
};

Parsed parsed(std::string_view entry) {
  char reason[400];
  Text why(reason);
  Parsed result;
  result.buffer.resize(parse_buffer_size(entry.size()));
  EXPECT_TRUE(parse_entry(entry, result.buffer, result, why)) << entry << ": " << why.c_str();
  EXPECT_STREQ(result.name.data(), std::string(result.name).c_str());
  if (result.action != Action::flush) {
    EXPECT_STREQ(result.argument.data(), std::string(result.argument).c_str());
  }
  return result;
}

std::string refused(std::string_view entry) {
  char reason[400];
  Text why(reason);
  Declared ignored;
  std::vector<char> buffer(parse_buffer_size(entry.size()));
  EXPECT_FALSE(parse_entry(entry, buffer, ignored, why)) << entry;
  EXPECT_FALSE(why.truncated());
  return why.c_str();
}

testing::AssertionResult says(const std::string &error, const char *part) {
  if (error.find(part) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << error;
}

TEST(Entries, EndAtSemicolonAndNewline) {
  EXPECT_EQ(split("unlink:/a; rmdir:/b\nflush:"), (Strings{"unlink:/a", "rmdir:/b", "flush:"}));
  EXPECT_EQ(split(" ;;\n \t; unlink:/a ;"), (Strings{"unlink:/a"}));
  EXPECT_EQ(split(""), Strings{});
}

TEST(Entries, DoNotEndInsideQuotesOrAtAnEscape) {
  EXPECT_EQ(split("sh:echo 'a;b\nc'; sh:echo \"d;e\""), (Strings{"sh:echo 'a;b\nc'", "sh:echo \"d;e\""}));
  EXPECT_EQ(split("sh:a\\;b;sh:c"), (Strings{"sh:a\\;b", "sh:c"}));
  EXPECT_EQ(split("sh:echo it\\'s;sh:c"), (Strings{"sh:echo it\\'s", "sh:c"}));
  EXPECT_EQ(split("sh:echo \"\\\";\";sh:c"), (Strings{"sh:echo \"\\\";\"", "sh:c"}));
  EXPECT_EQ(split("sh:echo '\\';sh:c"), (Strings{"sh:echo '\\'", "sh:c"}));
}

TEST(Entries, AQuoteThatIsNeverClosedSpoilsItsOwnEntryOnly) {
  EXPECT_EQ(split("unlink:/a; sh:echo 'oops; unlink:/b\nrmdir:/c"),
            (Strings{"unlink:/a", "sh:echo 'oops", "unlink:/b", "rmdir:/c"}));
  EXPECT_EQ(split("sh:echo \"oops; sh:echo 'x;y'; flush:"),
            (Strings{"sh:echo \"oops", "sh:echo 'x;y'", "flush:"}));
  EXPECT_EQ(split("sh:echo 'oops\nunlink:/b\nsh:echo 'fine'"),
            (Strings{"sh:echo 'oops", "unlink:/b", "sh:echo 'fine'"}));
}

TEST(Entries, WhatWasQuotedInASpoiledEntryIsNeverAnEntry) {
  EXPECT_EQ(split("sh:echo \"x; rmtree:/home; y\" 'oops; flush:"),
            (Strings{"sh:echo \"x; rmtree:/home; y\" 'oops", "flush:"}));
}

TEST(Entries, OfAFileAreItsLines) {
  EXPECT_EQ(split("# comment; unlink:/x\n\n  unlink:/a  \r\n\t# more\nsh:echo it's; b\nsh:'c\nflush:;",
                  Source::file),
            (Strings{"unlink:/a", "sh:echo it's; b", "sh:'c", "flush:"}));
  EXPECT_EQ(split("sh:a\\;\nunlink:/b ; ;\n;", Source::file), (Strings{"sh:a\\;", "unlink:/b"}));
}

TEST(Actions, SayWhichAreSignalSafe) {
  EXPECT_STREQ(info(Action::rmtree).name, "rmtree");
  EXPECT_STREQ(info(Action::flush).name, "flush");
  for (Action safe :
       {Action::unlink, Action::rmdir, Action::rmtree, Action::write, Action::kill, Action::exec, Action::sh})
    EXPECT_TRUE(info(safe).signal_safe) << info(safe).name;
  EXPECT_FALSE(info(Action::call).signal_safe);
  EXPECT_FALSE(info(Action::flush).signal_safe);
}

TEST(ParseEntry, ReadsActionAndArgument) {
  const Parsed entry = parsed("unlink:/tmp/x.lock");
  EXPECT_EQ(entry.action, Action::unlink);
  EXPECT_EQ(entry.argument, "/tmp/x.lock");
  EXPECT_EQ(entry.name, "unlink:/tmp/x.lock");
  EXPECT_EQ(entry.when, When::any);
  EXPECT_FALSE(entry.children || entry.daemon);
  EXPECT_EQ(entry.timeout_ns, -1);
  EXPECT_EQ(parsed("rmdir:d").action, Action::rmdir);
  EXPECT_EQ(parsed("rmtree:/tmp/%e.%p").argument, "/tmp/%e.%p");
  EXPECT_EQ(parsed("call:save_and_quit").argument, "save_and_quit");
  EXPECT_EQ(parsed("flush:").name, "flush:");
}

TEST(ParseEntry, ReadsTheNameBeforeTheFirstColon) {
  const Parsed entry = parsed("lock=unlink:/tmp/a=b:c");
  EXPECT_EQ(entry.name, "lock");
  EXPECT_EQ(entry.argument, "/tmp/a=b:c");
  EXPECT_EQ(parsed("unlink:/tmp/a=b").name, "unlink:/tmp/a=b");
  EXPECT_EQ(parsed(" my lock = unlink : /tmp/x ").name, "my lock");
  EXPECT_EQ(parsed("a\\=b\\;c\\:d\\@e=flush:").name, "a=b;c:d@e");
  EXPECT_EQ(parsed("'a=b: c'=flush:").name, "a=b: c");
}

TEST(ParseEntry, NamesAProgramWithoutItsArguments) {
  EXPECT_EQ(parsed("exec:/usr/bin/logger -p secret").name, "exec:/usr/bin/logger");
  EXPECT_EQ(parsed("exec:'/opt/my prog' secret").name, "exec:/opt/my prog");
  EXPECT_EQ(parsed("sh:rm -f secret").name, "sh:rm");
  EXPECT_EQ(parsed("sh:TOKEN='se cret' KEY=secret curl secret").name, "sh:curl");
  EXPECT_EQ(parsed("sh:TOKEN=secret").name, "sh:");
  EXPECT_EQ(parsed("sh:(login;secret)").name, "sh:login");
  EXPECT_EQ(parsed("sh:login\\;PASSWORD=secret").name, "sh:login");
  EXPECT_EQ(parsed("sh:A=$(cat secret) prog").name, "sh:cat");
  EXPECT_EQ(parsed("exec:TOKEN=secret prog").name, "exec:prog");
}

TEST(ParseEntry, ReadsOptionsAfterTheLastAt) {
  const Parsed entry = parsed("rmtree:/tmp/x @orderly,children, daemon,timeout=500ms");
  EXPECT_EQ(entry.argument, "/tmp/x");
  EXPECT_EQ(entry.name, "rmtree:/tmp/x");
  EXPECT_EQ(entry.when, When::orderly);
  EXPECT_TRUE(entry.children);
  EXPECT_TRUE(entry.daemon);
  EXPECT_EQ(entry.timeout_ns, 500'000'000);
  EXPECT_EQ(parsed("flush: @forced").when, When::forced);
  EXPECT_EQ(parsed("unlink:/x @any,any,timeout=0").timeout_ns, 0);
  EXPECT_EQ(parsed("sh:echo @a @forced").argument, "echo @a");
}

TEST(ParseEntry, AnAtThatIsPartOfTheArgumentIsNoOption) {
  EXPECT_EQ(parsed("unlink:/tmp/a@b").argument, "/tmp/a@b");
  EXPECT_EQ(parsed("sh:mail \\@home").argument, "mail @home");
  EXPECT_EQ(parsed("unlink:'/tmp/a @b'").argument, "/tmp/a @b");
  EXPECT_EQ(parsed("sh:echo \" @b\"").argument, "echo \" @b\"");
  EXPECT_EQ(parsed("sh:echo a\\ @b").argument, "echo a\\ @b");
}

TEST(ParseEntry, ReplacesEscapesOutsideSingleQuotes) {
  EXPECT_EQ(parsed(R"(sh:a\;b\\c\nd\=e\@f\$g)").argument, "a;b\\c\nd=e@f\\$g");
  EXPECT_EQ(parsed(R"(sh:echo '\n\;' "\n")").argument, "echo '\\n\\;' \"\n\"");
  EXPECT_EQ(parsed(R"(sh:echo it\'s)").argument, R"(echo it\'s)");
  EXPECT_EQ(parsed(R"(unlink:it\'s)").argument, "it's");
  EXPECT_EQ(parsed(R"(unlink:a\ b)").argument, R"(a\ b)");
  EXPECT_EQ(parsed("unlink:a\\").argument, "a\\");
}

TEST(ParseEntry, APathWhollyInQuotesLosesThem) {
  EXPECT_EQ(parsed("unlink:\"/tmp/a; b\"").argument, "/tmp/a; b");
  EXPECT_EQ(parsed("unlink:\"/tmp/a; b\"").name, "unlink:\"/tmp/a; b\"");
  EXPECT_EQ(parsed(R"(rmdir:"a\;\"b")").argument, "a;\"b");
  EXPECT_EQ(parsed(R"(rmdir:"it's")").argument, "it's");
  EXPECT_EQ(parsed(R"(rmtree:'a\;b')").argument, R"(a\;b)");
  EXPECT_EQ(parsed("unlink:/tmp/'a'").argument, "/tmp/'a'");
}

TEST(ParseEntry, CutsWriteAtTheFirstEquals) {
  const Parsed entry = parsed("write:/tmp/log=a=b %p");
  EXPECT_EQ(entry.argument, "/tmp/log");
  EXPECT_EQ(entry.text, "a=b %p");
  EXPECT_EQ(entry.name, "write:/tmp/log=a=b %p");
  EXPECT_EQ(parsed("write:/tmp/a\\=b=c").argument, "/tmp/a=b");
  EXPECT_EQ(parsed("write:\"/tmp/a=b\"=\"c;d\"").argument, "/tmp/a=b");
  EXPECT_EQ(parsed("write:\"/tmp/a=b\"=\"c;d\"").text, "\"c;d\"");
  EXPECT_EQ(parsed("write:\"/tmp/a\\=b=c;d\"").argument, "/tmp/a=b");
  EXPECT_EQ(parsed("write:\"/tmp/a\\=b=c;d\"").text, "c;d");
  EXPECT_EQ(parsed("write:/tmp/a=").text, "");
  EXPECT_EQ(parsed("write:/tmp/a=x\\ny").text, "x\ny");
}

TEST(ParseEntry, CutsKillAtTheLastSlash) {
  const Parsed entry = parsed("kill:/run/x.pid/SIGUSR1");
  EXPECT_EQ(entry.argument, "/run/x.pid");
  EXPECT_EQ(entry.signal, SIGUSR1);
  EXPECT_EQ(parsed("kill:x/KILL").signal, SIGKILL);
  EXPECT_EQ(parsed("kill:x/WINCH").signal, SIGWINCH);
  EXPECT_EQ(parsed("kill:x/RTMIN+3").signal, 37);
  EXPECT_EQ(parsed("kill:\"/run/a b\"/9").argument, "/run/a b");
  EXPECT_EQ(parsed("kill:'/run/a b/TERM'").argument, "/run/a b");
}

TEST(ParseEntry, RefusesAnUnknownAction) {
  EXPECT_EQ(refused("unlnk:/x"),
            "unknown action 'unlnk' (allowed: unlink, rmdir, rmtree, write, kill, exec, sh, call, flush)");
  EXPECT_TRUE(says(refused("Unlink:/x"), "unknown action 'Unlink'"));
  EXPECT_TRUE(says(refused("x=\x1b[0m:/x"), "unknown action '\\x1b[0m'"));
  for (const char *none : {"", "/tmp/x", "x=/tmp/x", "unlink\\:/x"})
    EXPECT_TRUE(says(refused(none), "no action in "));
}

TEST(ParseEntry, RefusesABadName) {
  EXPECT_TRUE(says(refused("=flush:"), "the name before '=' is empty"));
  EXPECT_TRUE(says(refused("a\tb=flush:"), "the name 'a\\x09b' holds a control character"));
  EXPECT_TRUE(says(refused("a\\nb=flush:"), "holds a control character"));
  EXPECT_TRUE(says(refused(std::string_view("a\0b=flush:", 10)), "'a\\x00b=flush:' holds a NUL byte"));
}

TEST(ParseEntry, RefusesBadOptions) {
  EXPECT_TRUE(says(refused("sh:mail x @home"),
                   "unknown option 'home' (allowed: any, orderly, forced, children, daemon, timeout="));
  EXPECT_TRUE(says(refused("flush: @"), "unknown option ''"));
  EXPECT_TRUE(says(refused("flush: @orderly,"), "unknown option ''"));
  EXPECT_TRUE(says(refused("flush: @orderly,forced"), "option 'forced' contradicts an earlier one"));
  EXPECT_TRUE(says(refused("flush: @any,orderly"), "option 'orderly' contradicts"));
  EXPECT_TRUE(says(refused("flush: @timeout=1s,timeout=1s"), "is the second timeout"));
  EXPECT_TRUE(says(refused("flush: @timeout=5"), "'5' is not a duration: the unit is missing"));
}

TEST(ParseEntry, RefusesABadArgument) {
  EXPECT_EQ(refused("unlink:"), "the argument is missing in 'unlink' (allowed: unlink:PATH)");
  EXPECT_TRUE(says(refused("unlink:''"), "the path is missing in '''' (allowed: unlink:PATH)"));
  EXPECT_TRUE(says(refused("unlink: @forced"), "the argument is missing"));
  EXPECT_TRUE(says(refused("flush:x"), "flush takes no argument, not 'x'"));
  EXPECT_TRUE(says(refused("write:/x"), "the text is missing in '/x' (allowed: write:PATH=TEXT)"));
  EXPECT_TRUE(says(refused("write:=x"), "the path is missing"));
  EXPECT_TRUE(says(refused("kill:x"), "the signal is missing in 'x' (allowed: kill:PIDFILE/SIGNAL)"));
  EXPECT_TRUE(says(refused("kill:/TERM"), "the path is missing"));
  EXPECT_TRUE(
      says(refused("kill:x/FOO"), "'FOO' is not a signal (allowed: kill:PIDFILE/SIGNAL with HUP, INT,"));
  EXPECT_TRUE(says(refused("call:a b"), "'a b' is not a symbol"));
  EXPECT_TRUE(says(refused("call:1a"), "is not a symbol"));
  EXPECT_TRUE(says(refused("unlink:/x/%y"), "unknown '%y' (allowed: %p pid"));
  EXPECT_TRUE(says(refused("sh:date +%Y"), "unknown '%Y'"));
  EXPECT_TRUE(says(refused("write:/x=50%"), "'%' at the end"));
  EXPECT_TRUE(says(refused("exec:''"), "no program to run"));
}

TEST(ParseEntry, RefusesAQuoteThatIsNeverClosed) {
  EXPECT_TRUE(says(refused("sh:echo 'oops"), "'sh:echo 'oops' holds a ' that is never closed"));
  EXPECT_TRUE(says(refused("unlink:\"/x"), "holds a \" that is never closed"));
  EXPECT_TRUE(says(refused("unlink:/it's"), "never closed (allowed: quotes in pairs, \\' for a plain one)"));
  // The grammar reads \\ first, so the word list sees a quote that is escaped.
  EXPECT_TRUE(says(refused(R"(exec:echo \\"a b")"), "never closed"));
}

TEST(ParseEntry, RefusesACommandOfNothingButQuotes) {
  EXPECT_TRUE(says(refused("sh:''"), "the command is missing"));
}

TEST(ParseEntry, RefusesWhatIsTooLong) {
  const std::string longest(kMaxPath, 'x');
  EXPECT_EQ(parsed("unlink:" + longest).argument, longest);
  EXPECT_EQ(refused("unlink:x" + longest), "the path is too long (4096 bytes, allowed: 4095)");
  EXPECT_TRUE(says(refused("write:x" + longest + "=a"), "the path is too long"));
  EXPECT_EQ(parsed("write:x=" + longest + longest).text.size(), 2 * kMaxPath);
  std::string words = "exec:p";
  for (size_t i = 1; i < kMaxWords; i++) words += " x";
  parsed(words);
  EXPECT_TRUE(says(refused(words + " x"), "too many words (allowed: 256)"));
  char reason[100], small[16];
  Text why(reason);
  Declared ignored;
  EXPECT_FALSE(parse_entry("unlink:/tmp/x.lock", small, ignored, why));
  EXPECT_EQ(why.view(), "'unlink:/tmp/x.lock' is too long");
}

}  // namespace
}  // namespace axshim
