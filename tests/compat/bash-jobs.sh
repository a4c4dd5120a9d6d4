# bash's job control without a terminal: stopped and continued jobs, fg, wait -n, disown, and what it says of killed jobs.
# sees: bash cat
mkfifo never
cat >jobs <<'END'
set -m
stopped() { until grep -q ') T ' "/proc/$1/stat"; do sleep 0.05; done; }
exec 9<>never
cat never & first=$!
kill -STOP $first; stopped $first; jobs
kill -CONT %1; kill -TERM %1; wait %1; echo "wait: $?"; jobs
bash -c 'kill -TSTP $$; echo continued; exit 5' & stopped $!; jobs; fg %1; echo "fg: $?"
cat never & last=$!; (exit 9) & wait -n; echo "wait -n: $?"
kill -SEGV $last; wait $last; echo "wait: $?"; jobs
bash -c 'trap "echo own group; exit 3" INT; kill -INT -- -$$; sleep 9' & wait $!; echo "wait: $?"
bash -c 'echo $$ >disowned; exec cat never' & disown %%; jobs; kill -HUP $!
until ! kill -0 $! 2>/dev/null; do sleep 0.05; done
cat never | cat & kill -PIPE %%; wait %%; echo "wait: $?"
trap 'echo a child ended' CHLD; (exit 1); cat never & kill -INT $!; wait $!; echo "wait: $?"
END
how bash jobs 2>&1 | sed -E '/Interrupt|Broken/d; s/(line [0-9]+: +)[0-9]+/\1PID/'
