# ar, as, ld, nm, objdump and the like, which remove a half written output when they are killed or a reader leaves.
# sees: ar as ld nm objdump
printf 'int used(void) { return 3; }\n' >used.c; printf 'int used(void);\nint main(void) { return used(); }\n' >main.c
cc -c used.c main.c
how ar rcs lib.a used.o; how ar t lib.a; how ar x lib.a no-such.o 2>&1; how nm lib.a; how ranlib lib.a
how ar t used.c 2>&1; how cc -o program main.o lib.a; how ./program
how nm program | head -1 | wc -l; how objdump -d program 2>&1 | head -1 | wc -l; how objdump -d used.c 2>&1
how size main.o used.o; how strings -n 4 program | grep -c used
how ld -o none main.o 2>&1 | sed 's/.*: //'; ls none; how ld -r -o both.o main.o used.o; how nm both.o
how ld -o /dev/full -r main.o used.o 2>&1; how ld -lno-such 2>&1
how strip program; how nm program 2>&1; how ./program; how objcopy -O binary used.o used.bin
how readelf -h no-such 2>&1; how readelf -s both.o | grep -c used; how addr2line -e used.o -f 0
how c++filt _Z1fv
printf 'nonsense here\n' | how as -o x.o 2>&1; ls x.o; mkfifo input
for signal in INT TERM HUP SEGV; do
  how env --default-signal=INT sh -c 'echo $$ >pid; exec as -o half.o input' >ended 2>&1 &
  exec 9>input; printf '.globl x\nx: ret\n' >&9; kill -$signal "$(cat pid)"; wait; exec 9>&-
  sed 's/^input: //' ended; ls half.o; rm -f half.o
done 2>&1
