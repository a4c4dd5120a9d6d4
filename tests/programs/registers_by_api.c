// Registers cleanups of all kinds through axshim.h, and a handler of atexit among them; ends by argv[1].
#include <axshim/axshim.h>
#include <sys/stat.h>

#include "ends/causes.c"

static void say(void *what) { dprintf(1, "%s\n", (char *)what); }
static void say_atexit(void) { say("atexit"); }
static void fail(void *why) { axshim_fail(why); }

int main(int argc, char **argv) {
  axshim_register("first", say, "first", 0);
  axshim_register("safe", say, "safe", AXSHIM_SIGNAL_SAFE);
  axshim_register("orderly", say, "orderly", AXSHIM_ORDERLY_ONLY);
  atexit(say_atexit);
  axshim_register("forced", say, "forced", AXSHIM_FORCED_ONLY);
  axshim_register("failing", fail, "no luck", 0);
  axshim_declare("gone=unlink:gone");
  if (mkdir("elsewhere", 0700) != 0 || chdir("elsewhere") != 0) return 1;
  const axshim_id forgotten = axshim_register("forgotten", say, "forgotten", 0);
  if (argc < 2 || axshim_unregister(forgotten) != 0) return 1;
  end_by(argv[1]);
  return 3;
}
