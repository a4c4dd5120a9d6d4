#include "calls.h"

#include <axshim/axshim.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static char *const args[] = {"true", 0};
static pthread_t thread;

static void nothing(void *unused) { (void)unused; }
static void *work(void *unused) { return unused; }

void call(const char *name) {
  if (!strcmp(name, "exit")) exit(3);
  if (!strcmp(name, "_exit")) _exit(3);
  if (!strcmp(name, "quick_exit")) quick_exit(3);
  if (!strcmp(name, "abort")) abort();
  if (!strcmp(name, "raise")) raise(SIGTERM);
  if (!strcmp(name, "SIGKILL")) kill(getpid(), SIGKILL);
  if (!strcmp(name, "fault")) *(volatile int *)0 = 1;
  if (!strcmp(name, "exit_group")) syscall(SYS_exit_group, 3L);
  if (!strcmp(name, "execv")) execv("/bin/true", args);
  if (!strcmp(name, "execvp")) execvp("true", args);
  if (!strcmp(name, "execlp")) execlp("true", "true", (char *)0);
  if (!strcmp(name, "fexecve")) fexecve(open("/bin/true", O_RDONLY), args, environ);
  if (!strcmp(name, "execv_in_vain")) execv("./broken", args);
  if (!strcmp(name, "setsid")) setsid();
  if (!strcmp(name, "daemon") && daemon(1, 1) == 0) _exit(4);
  if (!strcmp(name, "thread") && pthread_create(&thread, 0, work, 0) == 0) pthread_join(thread, 0);
  if (!strcmp(name, "signal")) signal(SIGTERM, SIG_DFL);
  if (!strcmp(name, "register") && axshim_register("name", nothing, 0, 0)) axshim_run();
  if (!strcmp(name, "declare") && axshim_declare("unlink:none")) axshim_run();
}
