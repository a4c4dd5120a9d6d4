// All that the preload asks the loader for. It is linked with this in place of libc: so it asks for names
// without versions, and no glibc is too old to start it, for a version that is missing stops the program.
// Whatever else refers to libc does not link.
#include <stddef.h>

char *environ[1], *__environ[1], _r_debug[1];
void __errno_location(void) {}

// Weak, for an older glibc lacks them.
void _dl_find_object(void) {}    // of 2.35
char __libc_single_threaded[1];  // of 2.32
