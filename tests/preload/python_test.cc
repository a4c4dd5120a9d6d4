// Python programs: the module axshim.py with the preload and without it, and what a record says of the
// callbacks of Python's own atexit.
#include <glob.h>

#include "preload/own_cleanups.h"

namespace axshim_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const char kPython[] = "/usr/bin/python3";

class Python : public PreloadTest {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kPython)) GTEST_SKIP() << "no " << kPython;
  }

  // With no more in atexit than the program's own.
  Command python(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {kPython, "-S", "-B"});
    return {.argv = arguments,
            .env = {{"PYTHONPATH", source_dir() / "include/axshim"}, {"AXSHIM_PROGRAMS", "python3*"}}};
  }
  Command script(const std::string &name, std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), source_dir() / "tests/programs" / name);
    return python(arguments);
  }
  Command code(const std::string &text) const { return python({"-c", text}); }

  Records records() const { return records_of(log()); }
  static std::vector<std::string> left_in(const Outcome &end) {
    std::vector<std::string> names;
    for (const auto &entry : std::filesystem::directory_iterator(end.cwd))
      names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }
};

class PythonModule : public Python {
 protected:
  Command registering(std::vector<std::string> arguments) const {
    return script("registers_in_python.py", arguments);
  }
};

TEST_F(PythonModule, RunsFunctionsInOneOrderWithAtexitAtTheInterpretersExit) {
  const Command command = registering({"exit"});
  const Outcome plain = bare(command), end = recorded(command);
  EXPECT_EQ(plain.status, exited(3));
  EXPECT_EQ(plain.out, "with arguments\natexit\nfirst\nlate\n");
  EXPECT_THAT(plain.err, AllOf(HasSubstr("in fails"), HasSubstr("ValueError: no luck")));
  EXPECT_THAT(left_in(plain), ElementsAre("kept"));
  EXPECT_EQ(end.status, plain.status);
  EXPECT_EQ(end.out, plain.out);
  EXPECT_THAT(end.err, AllOf(HasSubstr("in fails"), HasSubstr("ValueError: no luck")));
  EXPECT_THAT(left_in(end), ElementsAre("kept"));
  const Json record = only_record(log());
  EXPECT_THAT(own_outcomes(record),
              ElementsAre("__main__.fails: failed", "rmtree:" + (end.cwd / "tree").string() + ": ran",
                          "unlink:" + (end.cwd / "gone").string() + ": ran"));
  EXPECT_EQ(cleanup(record, "__main__.fails").value("error", ""), "ValueError: no luck");
}

class PythonModuleAtAForcedEnd : public PythonModule, public testing::WithParamInterface<const char *> {};

TEST_P(PythonModuleAtAForcedEnd, RunsFunctionsNewestFirst) {
  const Command command = registering({GetParam()});
  EXPECT_EQ(bare(command).out, "");
  const Outcome end = recorded(command);
  EXPECT_EQ(end.status, exited(3));
  EXPECT_EQ(end.out, "late\nwith arguments\nfirst\n");
  EXPECT_THAT(end.err, AllOf(HasSubstr("in fails"), HasSubstr("ValueError: no luck")));
  EXPECT_THAT(left_in(end), ElementsAre("kept"));
  const Json record = only_record(log());
  EXPECT_THAT(
      own_outcomes(record),
      ElementsAre("rmtree:" + (end.cwd / "tree").string() + ": ran",
                  "unlink:" + (end.cwd / "gone").string() + ": ran", "__main__.registers: ran",
                  "__main__.say: ran", "__main__.fails: failed", "__main__.say: ran", "__main__.first: ran"));
  EXPECT_EQ(cleanup(record, "__main__.fails").value("error", ""), "ValueError: no luck");
}

INSTANTIATE_TEST_SUITE_P(By, PythonModuleAtAForcedEnd, testing::Values("_exit", "thread", "c"),
                         [](const auto &info) { return std::string(info.param); });

TEST_F(PythonModule, RemovesFilesAtAFatalSignal) {
  const Command command = registering({"raise"});
  EXPECT_THAT(left_in(bare(command)), ElementsAre("gone", "kept", "tree"));
  const Outcome end = recorded(command);
  EXPECT_EQ(end.status, killed(SIGTERM)) << describe(end.status);
  EXPECT_EQ(end.out, "");
  EXPECT_THAT(left_in(end), ElementsAre("kept"));
  EXPECT_THAT(outcomes(only_record(log())), testing::Contains("__main__.fails: skipped (not-signal-safe)"));
}

TEST_F(PythonModule, FunctionThatCallsUnderscoreExitCostsOnlyItself) {
  const Outcome end = recorded(registering({"_exit", "and a function that leaves"}));
  EXPECT_EQ(end.status, exited(3));
  EXPECT_EQ(end.out, "late\nwith arguments\nfirst\n");
  EXPECT_EQ(cleanup(only_record(log()), "__main__.leaves").value("error", ""), "called os._exit");
}

TEST_F(PythonModule, FunctionThatCallsUnderscoreExitAtTheInterpretersExitLosesNoOther) {
  const Command command = registering({"exit", "and a function that leaves"});
  EXPECT_EQ(bare(command).out, "");
  const Outcome end = recorded(command);
  EXPECT_EQ(end.status, exited(9));
  EXPECT_EQ(end.out, "late\nwith arguments\nfirst\n");
  EXPECT_THAT(outcomes(only_record(log())), testing::Contains("__main__.leaves: failed"));
}

TEST_F(PythonModule, FunctionThatHangsIsStopped) {
  Command command = code(
      "import atexit, axshim, os, time\n"
      "atexit.register(print, 'never')\n"
      "axshim.unlink('gone'), axshim.register(print, 'never'), axshim.register(time.sleep, 99)\n"
      "open('gone', 'w'), os._exit(3)");
  command.env["AXSHIM_TIMEOUT"] = "100ms";
  const Outcome end = recorded(command);
  EXPECT_EQ(end.status, exited(3));
  EXPECT_THAT(left_in(end), IsEmpty());
  const Json record = only_record(log());
  EXPECT_THAT(own_outcomes(record),
              ElementsAre("time.sleep: timed-out", "builtins.print: skipped (unsafe-after-failure)",
                          "unlink:" + (end.cwd / "gone").string() + ": ran"));
}

TEST_F(PythonModule, NamesWhatHasNoName) {
  const Outcome end = recorded(
      code("import axshim, functools, os\n"
           "class Store:\n"
           "  def __call__(self): pass\n"
           "def odd(): pass\n"
           "odd.__qualname__ = 'a\\nb' + 300 * 'c'\n"
           "for fn in odd, Store(), functools.partial(odd), lambda: 0, [].clear: axshim.register(fn)\n"
           "os._exit(3)"));
  EXPECT_EQ(end.err, "");
  EXPECT_THAT(outcomes(only_record(log())),
              ElementsAre("list.clear: ran", "__main__.<lambda>: ran", "functools.partial: ran",
                          "__main__.Store: ran", "__main__.a?b" + std::string(255 - 12, 'c') + ": ran"));
}

TEST_F(PythonModule, TakesAnyPath) {
  const Command command = code(
      "import axshim, os, pathlib\n"
      "for path in b'% ;=@\\'\"\\\\ @forced', b'new\\nline', b'\\xff', 'caf\\u00e9', pathlib.Path('path'):\n"
      "  open(path, 'w'), axshim.unlink(path)\n"
      "os.mkdir('x'), os.mkdir('y'), os.symlink('x', 'link'), axshim.rmtree('link/')\n"
      "os.chdir('y')");
  EXPECT_THAT(left_in(bare(command)), ElementsAre("x", "y"));
  EXPECT_THAT(left_in(recorded(command)), ElementsAre("x", "y"));
}

TEST_F(PythonModule, SaysWhatIsWrong) {
  const Command command = code(
      "import axshim\n"
      "for call in (lambda: axshim.register(3), lambda: axshim.unlink(3), lambda: axshim.rmtree('a\\0b')):\n"
      "  try: call()\n"
      "  except Exception as error: print(type(error).__name__)\n");
  for (const Outcome &end : {bare(command), recorded(command)})
    EXPECT_EQ(end.out, "TypeError\nTypeError\nValueError\n") << end.err;
}

TEST_F(PythonModule, IsAtexitInAProgramThatIsNotWatched) {
  Command command = code(
      "import axshim, sys\n"
      "axshim.register(print, 'function', flush=True)\n"
      "if len(sys.argv) == 1: open('gone', 'w'), axshim.unlink('gone')\n"
      "print(axshim.active())");
  EXPECT_EQ(preloaded(command).out, "True\nfunction\n");
  command.env["AXSHIM_PROGRAMS"] = "another";
  const Outcome end = preloaded(command);
  EXPECT_EQ(end.out, "False\nfunction\n");
  EXPECT_THAT(left_in(end), IsEmpty());
}

// Those registered by a callback of atexit, while it is at work: the interpreter would pass them over. And
// later, when no Python may be called any more.
TEST_F(PythonModule, RunsWhatIsRegisteredAtTheLast) {
  const Command command = code(
      "import atexit\n"
      "atexit.register(lambda: axshim.register(print, 'never', flush=True))\n"
      "import axshim\n"
      "def late(): axshim.register(print, 'late', flush=True); axshim.register(lambda: 1 / 0)\n"
      "atexit.register(late)");
  for (const Outcome &end : {bare(command), recorded(command)}) {
    EXPECT_EQ(end.status, exited(0));
    EXPECT_EQ(end.out, "late\n");
    EXPECT_THAT(end.err, HasSubstr("ZeroDivisionError"));
  }
  EXPECT_THAT(own_outcomes(only_record(log())), ElementsAre("__main__.late.<locals>.<lambda>: failed"));
}

// By C code of the same process, long before it ends.
TEST_F(PythonModule, RunsFunctionsOnceWhereAllAreRunBefore) {
  const Outcome end =
      recorded(code("import axshim, ctypes\n"
                    "axshim.register(print, 'function', flush=True)\n"
                    "ctypes.CDLL(None).axshim_run(), print('after', flush=True)"));
  EXPECT_EQ(end.out, "function\nafter\n");
}

class PythonModuleInAChild
    : public Python,
      public testing::WithParamInterface<std::tuple<const char *, const char *, const char *, const char *>> {
};

TEST_P(PythonModuleInAChild, RunsFunctionsByTheirOwner) {
  const auto [method, ends_by, by_shim, by_atexit] = GetParam();
  const Command command = script("forks_in_python.py", {method, ends_by, file("lock")});
  make_file("lock");
  const Outcome plain = bare(command);
  EXPECT_EQ(plain.out, by_atexit) << plain.err;
  EXPECT_FALSE(std::filesystem::exists(file("lock")));
  make_file("lock");
  const Outcome end = recorded(command);
  EXPECT_EQ(end.out, by_shim) << end.err;
  EXPECT_EQ(end.status, exited(0));
  EXPECT_FALSE(std::filesystem::exists(file("lock")));
}

const char kNone[] = "lock is there\nparent's\n";
const char kChilds[] = "child's\nlock is there\nparent's\n";
const char kBoth[] = "child's\nparent's\nlock is there\nparent's\n";
INSTANTIATE_TEST_SUITE_P(Of, PythonModuleInAChild,
                         testing::Values(std::make_tuple("os", "_exit", kChilds, kNone),
                                         std::make_tuple("os", "exit", kBoth, kBoth),
                                         std::make_tuple("fork", "return", kChilds, kNone),
                                         std::make_tuple("fork", "_exit", kChilds, kNone),
                                         std::make_tuple("spawn", "return", kChilds, kChilds),
                                         std::make_tuple("spawn", "_exit", kChilds, kNone)),
                         [](const auto &info) {
                           return std::string(std::get<0>(info.param)) + "By" + std::get<1>(info.param);
                         });

TEST_F(PythonModule, RunsFunctionsAtAGracefulEnd) {
  Command command = code(
      "import axshim, time\n"
      "axshim.register(print, 'function', flush=True)\n"
      "print('ready', flush=True)\n"
      "time.sleep(99)");
  command.env["AXSHIM_GRACEFUL"] = "TERM";
  command.interact = [](pid_t pid) { kill(pid, SIGTERM); };
  const Outcome end = recorded(command);
  EXPECT_EQ(end.status, killed(SIGTERM)) << describe(end.status);
  EXPECT_EQ(end.out, "ready\nfunction\n");
  EXPECT_THAT(own_outcomes(only_record(log())), ElementsAre("builtins.print: ran"));
}

}  // namespace
}  // namespace axshim_test
