// What guards and exit_stacks throw at the end of their scope, and at close().
#include <unistd.h>

#include <axshim/axshim.hpp>

static void say(const char *text) { dprintf(1, "%s\n", text); }
static void fail(const char *why) { throw std::runtime_error(why); }

int main() {
  {
    const auto older = axshim::defer(say, "older");
    const auto failing = axshim::defer(fail, "guard");
    axshim::exit_stack stack;
    stack.callback(say, "stack"), stack.callback(fail, "callback");
  }
  axshim::exit_stack stack;
  stack.callback(say, "last"), stack.callback(fail, "last error"), stack.callback([] { throw 42; });
  stack.callback([&stack] { stack.callback(say, "added while it closes"); });
  try {
    stack.close();
  } catch (const std::exception &error) {
    dprintf(1, "close() threw %s\n", error.what());
  }
  dprintf(1, "%zu left\n", axshim::count());
}
