// single_steps(1): from now on each instruction raises SIGTRAP, but for those of its handler. x86-64 alone.
static inline void single_steps(int on) {
#if defined(__x86_64__)
  const unsigned long long flags = __builtin_ia32_readeflags_u64() & ~0x100ULL;
  __builtin_ia32_writeeflags_u64(flags | (on ? 0x100 : 0));
#else
  (void)on;
#endif
}

// The floating point flags, which are as at the start from now on.
static inline unsigned take_float_flags(void) {
#if defined(__x86_64__)
  const unsigned flags = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(0x1f80);
  return flags;
#else
  return 0;
#endif
}
