// Its segments lie apart, as those of node do, and of what older linkers made. Aborts.
#include <stdlib.h>

static void remove_lock(void) {}

static void give_up(void) { abort(); }

int main(void) {
  atexit(remove_lock);
  give_up();
}
