// Exports a cleanup that recurses until its stack is used up. Returns 3.
static int recurse(int depth) {
  volatile char frame[4096];
  frame[0] = (char)depth;
  return depth < 0 ? 0 : recurse(depth + 1) + frame[0];
}

void overflow(void) { recurse(0); }

int main(void) { return 3; }
