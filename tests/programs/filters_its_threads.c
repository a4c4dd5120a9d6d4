// Forbids all its threads most system calls; one that is older than that ends, and main joins it.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_barrier_t barrier;  // first to begin, then to go on under the filter
static void *work(void *unused) {
  return pthread_barrier_wait(&barrier), pthread_barrier_wait(&barrier), unused;
}
int main(void) {
  pthread_t thread;
  const short allowed[] = {SYS_exit, SYS_exit_group, SYS_gettid, SYS_futex, SYS_madvise, SYS_rt_sigprocmask};
  struct sock_filter rules[9] = {{BPF_LD | BPF_ABS, 0, 0, 0}};
  for (int i = 0; i < 6; ++i) rules[i + 1] = (struct sock_filter){BPF_JMP | BPF_JEQ, 6 - i, 0, allowed[i]};
  rules[7] = (struct sock_filter){BPF_RET, 0, 0, SECCOMP_RET_KILL_PROCESS};
  rules[8] = (struct sock_filter){BPF_RET, 0, 0, SECCOMP_RET_ALLOW};
  const struct sock_fprog filter = {9, rules};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || pthread_barrier_init(&barrier, 0, 2)) return 1;
  pthread_create(&thread, 0, work, 0), pthread_barrier_wait(&barrier);
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter)) return 2;
  return pthread_barrier_wait(&barrier) > 0 || pthread_join(thread, 0);
}
