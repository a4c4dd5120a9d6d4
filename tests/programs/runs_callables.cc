// Callables with arguments of all kinds, registered in namespace scope and in main. Ends by argv[1], a word
// that end_by knows.
#include <axshim/axshim.hpp>
#include <string>

#include "ends/causes.c"

static void say(const char *text) { dprintf(1, "%s\n", text); }
static const auto first = axshim::at_exit(say, "namespace scope");
struct Printer {
  void print(const std::string &text) const { say(text.c_str()); }
};

int main(int, char **argv) {
  static const Printer printer;
  static std::string copied = "copied", changed = "before";
  axshim::at_exit(first, "the same function");
  axshim::at_exit(&Printer::print, &printer, copied);
  axshim::at_exit(&Printer::print, &printer, std::ref(changed));
  axshim::at_exit([](std::string &own) { say((own += " and its own").c_str()); }, copied);
  axshim::at_exit([](std::unique_ptr<int> it) { dprintf(1, "moved %d\n", *it); }, std::make_unique<int>(7));
  axshim::at_exit([it = std::make_unique<int>(8)] { dprintf(1, "moved %d\n", *it); });
  copied = changed = "changed";
  end_by(argv[1]);
}
