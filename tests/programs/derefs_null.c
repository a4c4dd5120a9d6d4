// Takes a real SIGSEGV: not raised, so that the fault has an address.
int main(void) {
  volatile int *nowhere = 0;
  *nowhere = 1;
  return 0;
}
