# util-linux's wrappers (setsid, flock, prlimit, setpriv, unshare, nice): whose end they report, and what rights they leave.
# sees: setsid flock prlimit setpriv unshare
how setsid -w sh -c 'exit 3'
how setsid -w sh -c 'kill -TERM $$'; setsid -f sh -c 'echo $?; kill -TERM $$; echo not reached' | cat
how setsid sh -c 'cut -d" " -f6 /proc/self/stat | grep -qx $$ && echo leads its session'; how setsid -c true 2>&1
how flock lock sh -c 'flock -n lock true; echo $?; exit 5'; how flock -w 0.1 -E 9 lock flock -w 0.1 -E 7 lock true
how flock lock -c 'kill -INT $$'; how flock lock sh -c 'kill -SEGV $$'
for close in '' -o; do flock $close lock sh -c 'ls -l /proc/self/fd | grep -c lock'; done
(flock -n 9 && echo locked; flock -n lock -c 'echo again'; echo $?) 9>lock
how prlimit --nofile=64:64 --core=0 sh -c 'ulimit -n; ulimit -c; kill -ABRT $$'
how prlimit --cpu=1:2 sh -c 'while :; do :; done'
how prlimit --fsize=100000 dd if=/dev/zero of=big count=999 status=none
how prlimit --as=200000000 sort --buffer-size=500M /dev/null
how prlimit --stack=100000 perl -e 'sub f { f(@_) } exit 4'
how setpriv --no-new-privs sh -c 'grep NoNewPrivs /proc/self/status'; how setpriv --pdeathsig TERM sh -c 'exit 4'
how setpriv --reuid 65534 --regid 65534 --clear-groups sh -c 'id -u; kill -TERM $$' 2>&1
how setpriv --bounding-set -all --inh-caps -all sh -c 'grep CapBnd /proc/self/status; exit 2' 2>&1
how unshare --user --map-root-user --pid --fork --mount-proc sh -c 'echo $$; id -u; kill -TERM $$; echo lives on; exit 6' 2>&1
how unshare --user --pid --fork sh -c 'sh -c "kill -TERM \$\$"; echo $?; sh -c "kill -SEGV \$\$"; echo $?; exit 7' 2>&1
how unshare --user --pid --fork --kill-child perl -e 'kill SEGV => $$; syswrite STDOUT, "process $$ lives on\n"; require POSIX; POSIX::abort()' 2>&1
how choom -n 500 -- cat /proc/self/oom_score_adj; how taskset 1 sh -c 'exit 8' 2>&1; how nice -n 3 nice
how ionice -c 3 sh -c 'kill -HUP $$'
how getopt -o ab: -- -b x -a y; how getopt -o a -- -x 2>&1; how mountpoint -q /
