# dash's traps, ignored signals that children inherit, a wait that a trapped signal cuts short, exec, and what $? says.
# sees: dash
how dash -c 'trap "echo leaving with \$?" EXIT; exit 3'
for signal in TERM INT HUP USR1 QUIT ALRM; do
  how dash -c "trap 'echo got $signal; exit 4' $signal; kill -$signal \$\$; echo not reached"
  how dash -c "trap 'echo leaving' EXIT; kill -$signal \$\$; echo not reached"
  how dash -c "trap '' $signal; dash -c 'trap; kill -$signal \$\$; echo lives on'"
  how dash -c "trap 'echo never' $signal; trap - $signal; (trap; kill -$signal \$\$); echo not reached"
  dash -c "kill -$signal \$\$"; echo "the shell says $?"
done
mkfifo never
how dash -c 'trap "got=USR1" USR1; cat never & child=$!
  until [ -e done ]; do kill -USR1 $$; sleep 0.05; done & killer=$!
  wait $child; echo "$got: $?"; touch done; wait $killer; kill $child; wait $child; echo "wait: $?"' 2>&1 | grep -v Terminated
how dash -c 'trap "echo not run after exec" EXIT; exec dash -c "exit 7"'
how dash -c 'trap "echo the first" EXIT; (trap "echo of the subshell" EXIT; exit 5); echo $?; exec no-such-program'
how dash -ec 'trap "echo leaving with \$?" EXIT; echo "$(echo from a substitution; exit 6)" | cat; x=$(exit 6); echo not reached'
