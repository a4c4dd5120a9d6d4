# bash's pipelines: who died of SIGPIPE (PIPESTATUS, pipefail, lastpipe), coprocesses, process substitution, exec, subshells.
# sees: bash yes head
how bash -c 'yes | head -1; echo "${PIPESTATUS[@]}"'
how bash -o pipefail -c 'yes | head -2 | cat; echo $?; yes | sed 1q >out; exit'
how bash -c 'trap "" PIPE; yes 2>said | head -1; cat said; echo "${PIPESTATUS[@]}"
  mkfifo gone; true <gone & exec 3>gone; wait; echo x >&3; echo $?' 2>&1
how bash -c 'shopt -s lastpipe; seq 5 | while read -r n; do sum=$((sum + n)); done; echo $sum'
how bash -c 'coproc { while read -r line; do echo "<$line>"; done; exit 4; }; pid=$COPROC_PID
  echo question >&"${COPROC[1]}"; read -r answer <&"${COPROC[0]}"; echo "$answer"
  exec {COPROC[1]}>&-; wait $pid; echo $?'
how bash -c 'diff <(seq 1 3) <(seq 2 4); echo $?
  seq 9 | tee >(cat >all) >/dev/null; wait $!; until grep -q 9 all; do :; done; wc -l <all'
how bash -c 'exec 3>&1; (exec >&3; echo in a subshell $BASH_SUBSHELL; (exit 3) || exec false); echo $?; exec true'
how bash -c 'x=$(trap "echo leaving" EXIT; kill -TERM $BASHPID; echo not reached); echo "$x $?"; (kill -SEGV $BASHPID); echo $?' 2>&1 |
  sed -E 's/(line [0-9]+: +)[0-9]+/\1PID/'
how bash -c 'ulimit -c 0; (kill -ABRT $BASHPID); echo "${PIPESTATUS[@]}"
  printf "%s\n" {1..9} | while read -r n; do [ $n = 4 ] && break; done; echo $?' 2>&1 |
  sed -E 's/(line [0-9]+: +)[0-9]+/\1PID/'
how bash -c 'set -e; trap "echo leaving with \$? at \$LINENO" EXIT
  f() { return 3; }
  f | cat; f && true; ! f; f; echo not reached'
how bash -ic 'echo $-; kill -TERM $$; echo an interactive one lives on; exec cat </dev/null' 2>/dev/null
