# zsh, ksh and mksh: traps on exit and signals, in functions and subshells, deaths by signals, jobs, coprocesses.
# needs: zsh ksh93u+m mksh
# sees: zsh ksh mksh
for shell in zsh ksh mksh; do
  for way in 'trap "echo leaving" EXIT; exit 3' 'f() { trap "echo left f" EXIT; echo in f; }; f; echo after' \
    '(trap "echo left subshell" EXIT; exit 4); echo $?' 'trap "echo leaving" EXIT; exec echo new image' \
    '(kill -SEGV $$)' 'x=$(kill -9 $$; echo 1); echo "$x"' 'set -e; trap "echo leaving" EXIT; false; echo never' \
    'echo a | while read x; do echo "$x b"; done | sed s/a/c/; false | true; echo $?' \
    'trap "echo child ended" CHLD; /bin/true; echo waited'; do
    echo "-- $shell: $way"
    how $shell -c "$way" 2>&1 | sed 's/[0-9]* \(Segm\|Term\|Killed\)/PID \1/; s/([^)]*)//g' | head -n 5
  done
  for signal in TERM INT HUP USR1 QUIT ALRM; do
    echo "-- $shell $signal"
    how $shell -c "trap 'echo got $signal; exit 5' $signal; kill -$signal \$\$; echo not reached"
    how $shell -c "trap 'echo leaving' EXIT; kill -$signal \$\$; echo not reached"
    how $shell -c "trap '' $signal; $shell -c 'kill -$signal \$\$; echo lives on'"
  done
done
how ksh -c 'cat |& print -p in; exec 3>&p; exec 3>&-; read -p x; echo "$x"'
how zsh -c 'coproc cat; print -p in; read -p x; echo $x; zmodload zsh/system; print $sysparams[pid] >/dev/null; TRAPEXIT() { echo trapexit }; exit 6'
