// Waits until a thread, whose id may not be known yet, sleeps in a system call.
#pragma once

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void wait_for_sleep(const volatile int *tid) {
  for (char path[64], stat[512] = ""; strstr(stat, ") S ") == NULL;) {
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", *tid);
    const int fd = open(path, O_RDONLY);
    if (fd >= 0 && read(fd, stat, sizeof stat - 1) < 0) *stat = 0;
    close(fd);
  }
}
