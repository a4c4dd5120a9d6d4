// Hits a breakpoint that nobody set: returning from the handler would go on behind it, not hit it again.
int main(void) {
#if defined(__x86_64__)
  __asm__ volatile("int3");
#else
  __builtin_trap();
#endif
  return 7;
}
