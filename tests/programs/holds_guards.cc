// Guards and an exit_stack in a scope. Ends inside it by argv[1], a word that end_by knows; or leaves it.
#include <axshim/axshim.hpp>

#include "ends/causes.c"

static void say(const char *text) { dprintf(1, "%s\n", text); }
struct Object {
  const char *name;
  ~Object() { say(name); }
};

int main(int, char **argv) {
  auto outer = axshim::defer(say, "outer guard");
  auto released = axshim::defer(say, "released");
  axshim::exit_stack kept;
  {
    axshim::exit_stack stack;
    stack.enter(std::unique_ptr<Object>(new Object{"object"}));
    stack.callback(say, "callback");
    kept = stack.pop_all();
    stack.callback(say, "inner stack");
  }
  const auto inner = axshim::defer([text = std::string("inner guard")] { say(text.c_str()); });
  released.release(), end_by(argv[1]);
}
