// Asks axshim.h in all ways, right and wrong, and prints the answers; what is left runs at the end.
#include <axshim/axshim.h>
#include <errno.h>
#include <stdio.h>

static int answer;
static void say(void *what) { puts(what); }
static void fail(void *why) { axshim_fail(why); }
static void add(void *what) { axshim_register("added", say, what, 0); }
static int show(const struct axshim_info *info, void *stop) {
  printf("[%s] %s%s\n", info->name, info->source, info->outcome);
  return stop != NULL;
}
#define ASK(call) (errno = 0, answer = (int)(call), printf("%s: %d, errno %d\n", #call, answer, errno))

int main(void) {
  char long_name[300] = {0};
  for (int i = 0; i < 299; ++i) long_name[i] = 'x';
  ASK(axshim_register("null", NULL, NULL, 0)), ASK(axshim_register("", say, NULL, 0));
  ASK(axshim_register("a\nb", say, NULL, 0)), ASK(axshim_register(long_name, say, NULL, 0));
  ASK(axshim_register("x", say, NULL, 1u << 20)), ASK(axshim_register("x", say, NULL, 6));
  ASK(axshim_declare("unlunk:x")), ASK(axshim_declare(NULL)), ASK(axshim_declare(""));
  ASK(axshim_unregister(0)), ASK(axshim_unregister(12345)), ASK(axshim_list(NULL, NULL));
  axshim_register("same", say, "1", 0), axshim_register("same", say, "2", AXSHIM_REPLACE);
  axshim_register(NULL, say, "unnamed", 0), axshim_declare("file=unlink:none @forced");
  ASK(axshim_count()), ASK(axshim_list(show, NULL)), ASK(axshim_list(show, long_name));
  ASK(axshim_unregister_fn(say)), ASK(axshim_unregister_name("file")), ASK(axshim_unregister_name("file"));
  axshim_register("a", say, "a", 0), axshim_register("b", fail, "bad", 0),
      axshim_register("c", add, "new", 0);
  ASK(axshim_run()), ASK(axshim_count());
  axshim_register("x", say, "x", 0), axshim_clear(), axshim_register("y", say, "y", 0);
  return 0;
}
