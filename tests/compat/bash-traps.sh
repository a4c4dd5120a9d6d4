# bash's traps on exit and on signals, ignored ones that children inherit, and deaths by signals that it leaves alone.
# sees: bash
how bash -c 'trap "echo leaving with \$?" EXIT; exit 3'
for signal in TERM INT HUP USR1 QUIT; do
  how bash -c "trap 'echo got $signal; exit 4' $signal; kill -$signal \$\$; echo not reached"
  how bash -c "trap 'echo leaving' EXIT; kill -$signal \$\$; echo not reached"
  how bash -c "trap '' $signal; bash -c 'trap; kill -$signal \$\$; echo lives on'"
  how bash -c "trap 'echo never' $signal; trap - $signal; trap; kill -$signal \$\$"
done
how bash -c 'trap "echo in function \$FUNCNAME" DEBUG ERR RETURN; f() { false; }; f; true'
