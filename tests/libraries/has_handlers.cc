// A library with an exit handler of its constructor's and a static object; each prints, but with -DSILENT.
// The handler's name can be another one (-DHANDLER=...), and it can crash (-DCRASHES).
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef HANDLER
#define HANDLER of_library
#endif

static void say(const char *text) {
#ifndef SILENT
  write(1, text, strlen(text));
#else
  (void)text;
#endif
}

struct Object {
  int value;
  ~Object() { say(value == 42 ? "Object::~Object()\n" : "another object\n"); }
};

static void HANDLER() {
  say("of_library()\n");
#ifdef CRASHES
  *static_cast<volatile int *>(nullptr) = 1;
#endif
}

__attribute__((constructor(101))) static void construct() { atexit(HANDLER); }

static Object object = {42};
