// Registers by all functions of axshim.hpp in one function, and ends by argv[1], a word that end_by knows.
#include <axshim/axshim.hpp>

#include "ends/causes.c"

struct Account {
  void close() const { asm(""); }
};
static void save(int) { asm(""); }

__attribute__((noinline)) static void register_all_and_end(const char *how) {
  axshim::at_exit(save, 1);
  axshim::at_exit([] { save(2); });
  axshim::at_exit(&Account::close, Account());
  const auto guard = axshim::defer([] { save(3); });
  axshim::exit_stack stack;
  stack.callback([] { save(4); }), stack.enter(std::string("held"));
  axshim::registry named;
  named.add("named", save, 5);
  axshim::resource_guard resource(
      "resource", [] { return true; }, [] {});
  axshim::temp_manager files;
  files.track("none"), resource.acquire(), end_by(how);
}
int main(int, char **argv) { register_all_and_end(argv[1]); }
