# make with gcc: a small project built in parallel, recipes that fail or are killed, and a make that is interrupted.
# sees: make cc1 as ld collect2
cat >Makefile <<'END'
program: main.o sum.o
	cc -o $@ $^
%.o: %.c
	cc -Wall -c -o $@ $<
fails: ; @echo to be removed >$@; exit 3
ignored: ; -@kill -TERM $$$$
killed: ; @echo to be removed >$@; kill -SEGV $$$$
.DELETE_ON_ERROR:
waits: ; @exec <never; echo half done >$@; echo $$PPID >pid; exec cat
inner: ; @+$(MAKE) --no-print-directory -f Makefile fails killed; echo $$?
shell: ; @echo $(shell kill -TERM $$$$; echo not reached)$(.SHELLSTATUS)
stops: ; $(error a wrong one)
END
printf '#include <stdio.h>\nint sum(int, int);\nint main(void) { printf("%%d\\n", sum(2, 3)); return sum(1, 2); }\n' >main.c
printf 'int sum(int a, int b) { return a + b; }\n' >sum.c
how make -j2 -O 2>&1 | sort; how ./program; how make; touch sum.c; how make -q; how make -s program
how make -n program 2>&1
for target in fails ignored killed inner shell stops missing; do how make $target 2>&1; ls "$target" 2>&1; done
how make -k -j3 fails ignored program killed 2>&1 | sort
mkfifo never
for signal in INT TERM HUP USR2; do
  how env --default-signal=INT make waits >said 2>&1 &
  exec 9>never; until [ -s pid ]; do sleep 0.05; done
  kill -$signal "$(cat pid)"  # and wait until its handler runs, which is not to find the child gone while make notes that
  until ! grep -qs 'SigBlk:.0*$' "/proc/$(cat pid)/status"; do sleep 0.05; done
  exec 9>&-; wait; echo "$signal:"; cat said; ls waits; rm -f waits pid
done
printf 'int main(void) { return 1 +; }\n' >wrong.c; how cc -c wrong.c 2>&1
how cc -o none main.o 2>&1 | sed 's/.*ld: //'; ls none
printf '#include "no-such.h"\n' | how cc -x c - 2>&1
how cc -fsyntax-only no-such.c 2>&1
{ printf 'int x = '; yes '(' | head -c 9999999; } | how cc -x c -S - 2>&1 | grep -v '^Please\|^See'
