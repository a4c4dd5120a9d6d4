// Three static objects, two exit handlers, a line in stdout's buffer. Ends by argv[1]: _exit, term, or crash:
// inside the handler that exit calls second.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

static const char *how = "";

class Ledger {
 public:
  ~Ledger() {}
};
static Ledger sales, stock, wages;

static void remove_lock() { unlink("books.lock"); }
static void save_index() {
  if (!strcmp(how, "crash")) *static_cast<volatile int *>(nullptr) = 1;
}

int main(int argc, char **argv) {
  how = argv[argc - 1];
  if (atexit(save_index) || atexit(remove_lock) || puts("balance: 0") < 0) return 1;
  if (!strcmp(how, "_exit")) _exit(3);
  while (!strcmp(how, "term")) kill(getpid(), SIGTERM), pause();
}
