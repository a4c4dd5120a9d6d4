// Cleanups that throw this and that, or call exit, among others. Ends by argv[1], a word that end_by knows.
#include <axshim/axshim.hpp>

#include "ends/causes.c"

namespace books {
struct Unbalanced {};
struct Torn : std::runtime_error {
  using runtime_error::runtime_error;
};
}  // namespace books
static void say(const char *text) { dprintf(1, "%s\n", text); }

int main(int, char **argv) {
  axshim::registry named;
  named.add("oldest", say, "oldest");
  named.add("torn", [] { throw books::Torn("page 7\nis torn"); });
  named.add("unbalanced", [] { throw books::Unbalanced(); });
  named.add("number", [] { throw 42; });
  named.add("exits", exit, 99);
  named.add("middle", say, "middle");
  named.add("long", [] { throw std::logic_error(std::string(5000, 'x')); });
  named.add("newest", say, "newest");
  end_by(argv[1]);
}
