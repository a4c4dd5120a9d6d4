// main calls _exit(11); its cleanup lets a thread end the process by argv[1], a word that end_by knows, and
// goes on once that is asleep.
#include <pthread.h>
#include <stdio.h>

#include "ends/causes.c"

static volatile pid_t thread;
static volatile int wanted;

static void *work(void *cause) {
  for (thread = gettid(); !wanted;) continue;
  return end_by(cause), cause;
}
void lets_it_end(void) {
  char path[64], state = 0;
  snprintf(path, sizeof path, "/proc/self/task/%d/stat", thread);
  for (wanted = 1; state != 'S';) state = fscanf(fopen(path, "r"), "%*d %*s %c", &state) == 1 ? state : 0;
}
int main(int argc, char **argv) {
  pthread_t id;
  for (pthread_create(&id, 0, work, argv[argc - 1]); !thread;) continue;
  _exit(11);
}
