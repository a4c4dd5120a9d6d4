// Sends itself signal argv[2] as argv[1] says; SIGTERM again, in a handler that is called once.
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *how;

static void send(int number) {
  const pid_t self = getpid();
  if (!strcmp(how, "raise")) raise(number);
  if (!strcmp(how, "kill")) kill(self, number);
  if (!strcmp(how, "kill_0")) kill(0, number);
  if (!strcmp(how, "kill_group")) kill(-self, number);
  if (!strcmp(how, "killpg")) killpg(self, number);
  if (!strcmp(how, "tgkill")) tgkill(self, gettid(), number);
  if (!strcmp(how, "sigqueue")) sigqueue(self, number, (union sigval){.sival_int = 1});
}
int main(int argc, char **argv) {
  how = argc == 3 ? argv[1] : "";
  sigaction(SIGTERM, &(struct sigaction){.sa_handler = send, .sa_flags = (int)SA_RESETHAND}, 0);
  send(atoi(argv[2]));
}
