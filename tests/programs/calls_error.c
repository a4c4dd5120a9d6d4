#include <errno.h>
#include <error.h>

int main(void) { error(6, ENOENT, "no %s", "luck"); }
