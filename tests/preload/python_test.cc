// Python programs: the module axshim.py with the preload and without it, and what a record says of the
// callbacks of Python's own atexit.
#include <glob.h>
#include <sys/syscall.h>

#include "preload/own_cleanups.h"

namespace axshim_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

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
  EXPECT_THAT(plain.err,
              AllOf(HasSubstr("in fails"), HasSubstr("ValueError: no luck"), Not(HasSubstr("object at"))));
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
  const Json atexits_own = {{"atexit_skipped", 1}, {"callbacks", {"__main__.say"}}};
  EXPECT_EQ(record.value("python", Json()), GetParam() == std::string("c") ? Json() : atexits_own);
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

TEST_F(PythonModule, FunctionRunsOnWhileAnotherThreadWantsToLeave) {
  const Outcome end = recorded(
      code("import axshim, os, threading\n"
           "def waits_for_the_other():\n"
           "  other = threading.Thread(target=os._exit, args=(9,))\n"
           "  other.start()\n"
           "  call = '/proc/self/task/%d/syscall' % other.native_id\n"
           "  while open(call).read().split()[0] != '" +
           std::to_string(SYS_ppoll) +
           "': pass\n"
           "axshim.register(print, 'next', flush=True), axshim.register(waits_for_the_other), os._exit(3)"));
  EXPECT_EQ(end.status, exited(3));
  EXPECT_EQ(end.err, "");
  EXPECT_EQ(end.out, "next\n");
}

TEST_F(PythonModule, FunctionThatHangsIsStopped) {
  Command command = code(
      "import atexit, axshim, os\n"
      "def hangs():\n"
      "  while True: pass\n"
      "atexit.register(print, 'never')\n"
      "axshim.unlink('gone'), axshim.register(print, 'never'), axshim.register(hangs)\n"
      "open('gone', 'w'), os._exit(3)");
  command.env["AXSHIM_TIMEOUT"] = "100ms";
  const Outcome end = recorded(command);
  EXPECT_EQ(end.status, exited(3));
  EXPECT_THAT(left_in(end), IsEmpty());
  const Json record = only_record(log());
  EXPECT_THAT(own_outcomes(record),
              ElementsAre("__main__.hangs: timed-out", "builtins.print: skipped (unsafe-after-failure)",
                          "unlink:" + (end.cwd / "gone").string() + ": ran"));
  EXPECT_FALSE(record.contains("python")) << record["python"];
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

TEST_F(PythonModule, MissesNothingThatIsGone) {
  const Command command = code("import axshim; axshim.unlink('missing'), axshim.rmtree('missing')");
  for (const Outcome &end : {bare(command), recorded(command)}) EXPECT_EQ(end.err, "");
  EXPECT_TRUE(only_record(log()).value("clean", false));
}

TEST_F(PythonModule, KeepsNothingOfWhatIsUnregistered) {
  const Command command = code(
      "import axshim, weakref\n"
      "class Store:\n"
      "  def __call__(self): pass\n"
      "store = Store()\n"
      "seen = weakref.ref(axshim.register(store))\n"
      "axshim.unregister(store)\n"
      "del store\n"
      "print(seen())");
  for (const Outcome &end : {bare(command), recorded(command)}) EXPECT_EQ(end.out, "None\n");
}

// A copy in a package of the program's is no other module to the preload.
TEST_F(PythonModule, MayHaveAnyName) {
  Command command = code(
      "from axshim import axshim; import os; axshim.register(print, axshim.__name__, flush=True); "
      "os._exit(3)");
  command.env["PYTHONPATH"] = source_dir() / "include";
  EXPECT_EQ(recorded(command).out, "axshim.axshim\n");
  EXPECT_EQ(only_record(log()).value("python", Json()), Json());
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
      recorded(code("import axshim, ctypes, os\n"
                    "axshim.register(print, 'function', flush=True)\n"
                    "ctypes.CDLL(None).axshim_run(), print('after', flush=True), os._exit(3)"));
  EXPECT_EQ(end.out, "function\nafter\n");
  EXPECT_EQ(end.status, exited(3));
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

class PythonAtexit : public Python {
 protected:
  Command ending_by(const std::string &end, std::vector<std::string> callbacks) const {
    callbacks.insert(callbacks.begin(), end);
    return script("skips_atexit.py", callbacks);
  }
  Json skipped(const Command &command) {
    std::filesystem::remove(log());
    const Outcome end = recorded(command);
    EXPECT_EQ(end.err, "");
    const Json record = only_record(log());
    const Json skipped = record.value("python", Json());
    EXPECT_TRUE(skipped.is_null() || !record.value("clean", true)) << record;
    return skipped;
  }
};

TEST_F(PythonAtexit, SkippedCallbacksAreCountedAndNamed) {
  const Json expected = {
      {"atexit_skipped", 4},
      {"callbacks", {"__main__.save", "__main__.Store.close", "__main__.Store", "time.sleep"}}};
  for (const char *end : {"os._exit", "quick_exit", "thread", "last thread"})
    EXPECT_EQ(skipped(ending_by(end, {"save", "close", "store", "sleep"})), expected) << end;
}

TEST_F(PythonAtexit, SkippedCallbacksMakeAnEndUnclean) {
  Command command = ending_by("os._exit", {"save", "close"});
  const Outcome end = preloaded(command);
  EXPECT_EQ(end.status, exited(3));
  EXPECT_THAT(end.err, HasSubstr("axshim:   skipped  2 atexit callbacks of Python: __main__.save, "
                                 "__main__.Store.close   forced-exit\n"));
  command.argv.pop_back();
  EXPECT_THAT(preloaded(command).err, HasSubstr("skipped  1 atexit callback of Python: __main__.save   "));
  command.argv.pop_back();
  EXPECT_EQ(preloaded(command).err, "");
}

TEST_F(PythonAtexit, NamesOfSomeOfManyAreGiven) {
  const Json many =
      skipped(code("import atexit, os\n"
                   "for i in range(1000): atexit.register(print)\n"
                   "os._exit(3)"));
  EXPECT_EQ(many.value("atexit_skipped", 0), 1000);
  EXPECT_THAT(many.value("callbacks", Json()), testing::Each("builtins.print"));
  EXPECT_THAT(many.value("callbacks", Json()).size(), AllOf(testing::Gt(50u), testing::Lt(1000u)));
}

TEST_F(PythonAtexit, AskingItRunsNoFinalizers) {
  const Command command = code(
      "import gc, os\n"
      "class Cycle:\n"
      "  def __init__(self): self.itself = self\n"
      "  def __del__(self): os.write(1, b'finalized')\n"
      "gc.disable(); Cycle(); gc.set_threshold(1); gc.enable(); os._exit(3)");
  expect_same(bare(command), recorded(command));
}

// It compares what it has with what it shall unregister.
TEST_F(PythonAtexit, AskingItTakesNoLongerThanACleanup) {
  Command command = code(
      "import atexit, os, time\n"
      "class Slow:\n"
      "  def __call__(self): pass\n"
      "  def __eq__(self, other): time.sleep(99)\n"
      "atexit.register(print), atexit.register(Slow()), os._exit(3)");
  command.env["AXSHIM_TIMEOUT"] = "100ms";
  EXPECT_TRUE(skipped(command).is_null());
}

TEST_F(PythonAtexit, IsCountedInAnInterpreterThatIsALibrary) {
  glob_t found = {};
  glob("/usr/lib/*-linux-gnu/libpython3.*.so.1.0", 0, nullptr, &found);
  const std::string library = found.gl_pathc > 0 ? found.gl_pathv[0] : "";
  globfree(&found);
  if (library.empty()) GTEST_SKIP() << "no libpython";
  const Command command{
      .argv = {program("embeds_python"), library, "import atexit, os; atexit.register(print); os._exit(3)"}};
  EXPECT_EQ(skipped(command).value("atexit_skipped", 0), 1);
}

// A callback of atexit that leaves: which others have run nobody knows.
TEST_F(PythonAtexit, IsNotAskedWhileItIsAtWork) {
  for (const char *callback : {"leave", "_exit"})
    EXPECT_TRUE(skipped(ending_by("sys.exit", {"save", callback})).is_null()) << callback;
}

TEST_F(PythonAtexit, IsNotAskedWithoutTheInterpretersLock) {
  EXPECT_TRUE(skipped(ending_by("libc._exit", {"save"})).is_null());
}

TEST_F(PythonAtexit, IsNotAskedInASignalHandler) {
  EXPECT_TRUE(skipped(ending_by("handler", {"save"})).is_null());
}

TEST_F(PythonAtexit, IsNotAskedAtAnOrderlyEnd) {
  for (const char *end : {"sys.exit", "libc.exit"})
    EXPECT_TRUE(skipped(ending_by(end, {"save"})).is_null()) << end;
}

TEST_F(PythonAtexit, ForkChildLosesNothing) {
  EXPECT_EQ(recorded(ending_by("child", {"save"})).status, exited(0));
  ASSERT_EQ(records().size(), 2u);
  for (const Json &record : records()) {
    EXPECT_FALSE(record.contains("python")) << record;
    EXPECT_TRUE(record.value("clean", false)) << record;
  }
}

}  // namespace
}  // namespace axshim_test
