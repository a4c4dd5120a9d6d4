// Registers through axshim.h until there is no memory left; prints why it stopped, and whether all ran.
#include <axshim/axshim.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

static long registered, ran;
static void count(void *unused) { (void)unused, ++ran; }
static void say(const char *text) { write(1, text, strlen(text)); }

int main(void) {
  while (axshim_register("a name", count, NULL, 0) != 0) ++registered;
  say(errno == ENOMEM ? "no memory\n" : "another error\n");
  if (axshim_declare("unlink:none") == 0 && errno == ENOMEM) say("no memory\n");
  say(registered > 10000 && axshim_count() == (size_t)registered ? "counted\n" : "lost some\n");
  axshim_run();
  say(ran == registered ? "all ran\n" : "lost some\n");
  _exit(axshim_register("again", count, NULL, 0) != 0 ? 0 : 1);
}
