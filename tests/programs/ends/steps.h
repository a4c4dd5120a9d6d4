// single_steps(1): from now on each instruction raises SIGTRAP, but for those of its handler. x86-64 alone.
static inline void single_steps(int on) {
#if defined(__x86_64__)
  const unsigned long long flags = __builtin_ia32_readeflags_u64() & ~0x100ULL;
  __builtin_ia32_writeeflags_u64(flags | (on ? 0x100 : 0));
#else
  (void)on;
#endif
}
