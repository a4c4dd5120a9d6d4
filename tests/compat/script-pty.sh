# Programs on a terminal of their own (script): ^C, ^\ and ^Z that its line discipline makes signals of, and what script says.
# sees: script bash cat
how script -qec 'tty >/dev/null && echo a terminal; exit 3' typescript
how script -qec 'kill -TERM $$' typescript; how script -qec 'kill -SEGV $$' typescript
how script -qc 'kill -TERM $$' typescript
printf 'typed\n\004' | how script -qec 'cat -n' /dev/null
# keys READY KEY DONE: types KEY when a program is READY, and an end of file when the shell is DONE with it.
keys() { until [ -e "$1" ]; do sleep 0.05; done; printf "$2"; until [ -e "$3" ]; do sleep 0.05; done; printf '\004'; }
keys ready1 '\003' done1 | how script -qec 'trap : INT; sh -c ": >ready1; exec cat"; echo "cat: $?"; : >done1; cat' /dev/null
keys ready2 '\034' done2 | how script -qec 'trap : QUIT; sh -c ": >ready2; exec cat"; echo "cat: $?"; : >done2; cat' /dev/null
cat >jobs <<'END'
sh -c ': >ready3; exec cat'; echo "cat: $?"
jobs; : >done3; fg; echo "fg: $?"
END
keys ready3 '\032' done3 | how script -qec 'bash -m jobs' /dev/null
keys ready4 '\003' done4 | how script -qec "trap 'echo trapped; : >done4; exit 9' INT; : >ready4; cat" /dev/null
