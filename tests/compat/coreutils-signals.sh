# coreutils that set signals for others: env, nohup, timeout, kill, and what the programs that they start then see and do.
# sees: env timeout nohup perl sleep
show='print join " ", map { sprintf "%s=%s", $_, $SIG{$_} || "DEFAULT" } qw(HUP INT QUIT PIPE TERM USR1); print "\n"'
how env --ignore-signal=PIPE,USR1 --list-signal-handling perl -e "$show"
how env --ignore-signal env --list-signal-handling env --default-signal=INT,TERM perl -e "$show" 2>&1
how env --block-signal=TERM --list-signal-handling perl -e 'kill TERM => $$; print "blocked\n"' 2>&1
how env --block-signal=TERM env --default-signal=TERM perl -e 'kill TERM => $$; print "not reached\n"' 2>&1
how env --ignore-signal=PIPE sh -c 'yes 2>said | head -1; cat said'
how env -u LC_ALL -i env; how env no-such-program; how env /dev/null; how env false
how env --default-signal=INT sh -c 'kill -INT $$; echo not reached'
how nohup perl -e "$show; kill HUP => \$\$; print qq(lives on\n); exit 3" 2>&1
how nohup no-such-program
how timeout 0.1 sleep 9; how timeout -s INT 0.1 sleep 9; how timeout -s KILL 0.1 sleep 9
how timeout --preserve-status 0.1 sleep 9; how timeout --preserve-status -s SEGV 0.1 sleep 9
how timeout -k 0.1 0.1 env --ignore-signal=TERM sleep 9; how timeout -v 0.1 sleep 9 2>&1
how timeout --foreground 0.1 sleep 9; how timeout 9 sh -c 'kill -USR1 $$'; how timeout 9 sh -c 'kill -SEGV $$'
how timeout 9 sh -c 'exit 42'; how timeout 9 no-such-program
how /bin/kill -l TERM 9 STKFLT 64; how /bin/kill -s TERM 0x 2>&1
