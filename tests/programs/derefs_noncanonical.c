// A SIGSEGV whose siginfo says SI_KERNEL and no address, where addresses have a canonical form (x86-64).
int main(void) { return *(volatile int *)0x1234567812345678; }
