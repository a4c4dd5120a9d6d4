// The only one of its kind, as the file argv[1] says. Ends by argv[2], a word that end_by knows; or what is
// written there: again (takes the file once more), child (a fork child does, and ends), ready.
#include <sys/wait.h>

#include <axshim/axshim.hpp>

#include "ends/causes.c"

static int take(const char *path, const char *how) {
  try {
    const axshim::pidfile own(path);
    system((std::string("test $(cat ") + path + ") = " + std::to_string(getpid()) + " && echo pid").c_str());
    if (!strcmp(how, "again")) return take(path, "return");
    if (!strcmp(how, "ready")) dprintf(1, "ready\n"), kill_self(SIGSTOP);
    if (strcmp(how, "child")) return end_by(how), 0;
    if (fork() == 0) return take(path, "return");
    wait(nullptr);
    return dprintf(1, access(path, F_OK) == 0 ? "still there\n" : "gone\n"), 0;
  } catch (const axshim::already_running &error) {
    return dprintf(1, error.pid == getpid() ? "by itself\n" : "%s\n", error.what()), 4;
  }
}
int main(int, char **argv) { return take(argv[1], argv[2]); }
