// Its newest cleanup of axshim.h does what argv[1] says; it ends by argv[2], exit or _exit.
#include <axshim/axshim.h>

#include "ends/causes.c"

static axshim_id victim;
static void say(void *what) { dprintf(1, "%s\n", (char *)what); }
static void meddle(void *how) {
  if (!strcmp(how, "registers")) axshim_register("new", say, "new", 0);
  if (!strcmp(how, "unregisters")) axshim_unregister(victim);
  if (!strcmp(how, "clears")) axshim_clear();
  if (!strcmp(how, "runs")) axshim_run();
  if (!strcmp(how, "exits")) exit(1);
  if (!strcmp(how, "crashes")) *(volatile int *)0 = 1;
  while (!strcmp(how, "hangs")) pause();
}
static void of_atexit(void) { say("atexit"); }

int main(int argc, char **argv) {
  axshim_register("safe", say, "safe", AXSHIM_SIGNAL_SAFE);
  atexit(of_atexit);
  victim = axshim_register("victim", say, "victim", 0);
  axshim_register("meddler", meddle, argv[1], 0);
  if (argc == 3) end_by(argv[2]);
}
