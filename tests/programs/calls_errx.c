#include <err.h>

int main(void) { errx(4, "no %s", "luck"); }
