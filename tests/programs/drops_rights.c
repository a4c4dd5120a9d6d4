// Gives rights up by argv[1] (capset, syscall, landlock), and prints whether its only thread is the main one.
#include <dirent.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
extern int capset(void *header, const void *data);

static int threads(void) {
  struct dirent **names;
  return scandir("/proc/self/task", &names, 0, 0) - 2;  // without "." and ".."
}

int main(int argc, char **argv) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  const struct __user_cap_data_struct none[2] = {{0}};
  const long how = argc > 1 ? *argv[1] : 0, files = 1;
  if (how == 'c') printf("%d\n", capset(&header, none));
  if (how == 's') printf("%ld\n", syscall(SYS_capset, &header, none));
  if (how == 'l' && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) return 1;
  if (how == 'l') syscall(SYS_landlock_restrict_self, syscall(SYS_landlock_create_ruleset, &files, 8, 0), 0);
  for (int i = 0; threads() > 1 && i < 100000; ++i) continue;  // one may be leaving
  puts(threads() == 1 ? "alone" : "not alone");
}
