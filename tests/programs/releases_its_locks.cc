// Takes the semaphore argv[1], and the file argv[2] by a POSIX lock; ends by argv[3], a word of end_by's.
#include <semaphore.h>

#include <axshim/axshim.hpp>

#include "ends/causes.c"

static sem_t *semaphore = nullptr;
static int file = -1;

static bool lock_file(short type) {
  struct flock lock = {};
  lock.l_type = type;
  return fcntl(file, F_SETLK, &lock) == 0;
}
static axshim::resource_guard slot(
    "slot", [] { return sem_trywait(semaphore) == 0; }, [] { sem_post(semaphore); }, AXSHIM_SIGNAL_SAFE);
static axshim::resource_guard books(
    "books", [] { return lock_file(F_WRLCK); }, [] { lock_file(F_UNLCK); });

int main(int, char **argv) {
  semaphore = sem_open(argv[1], O_CREAT, 0600, 1), file = open(argv[2], O_RDWR | O_CREAT, 0600);
  dprintf(1, "%d %d %d %d\n", slot.acquire(), books.acquire(), slot.acquire(), books.acquire());
  end_by(argv[3]);
}
