# rsync through a pipe to itself, killed and gone on with; tmux: sessions, a program's status, a server that is killed.
# needs: rsync tmux
# sees: rsync tmux
mkdir a b && for i in 1 2 3; do seq ${i}0000 >a/$i; done && ln -s 1 a/link
printf '#!/bin/sh\nshift\nexec "$@"\n' >remote && chmod +x remote
how rsync -a a/ b/ && diff -r a b && echo equal
seq 5 >>a/2 && rm a/3 && how rsync -aO --delete --out-format='%o %n' -e ./remote a/ there:"$PWD/b/" && diff -r a b && echo equal
how rsync -a none/ b/ 2>&1 | grep -v '^rsync error'; how rsync -q --bad 2>&1 | head -n 1
printf '#!/bin/sh\nkill -TERM $PPID\nwhile kill -0 $PPID 2>/dev/null; do sleep 0.05; done\n' >killer && chmod +x killer && how rsync -a -e ./killer a/ there:b/ 2>&1 | sed 's/ at .*//'
printf '#!/bin/sh\nkill -KILL $$\n' >killer && how rsync -a -e ./killer a/ there:b/ 2>&1 | grep status
printf '#!/bin/sh\nexit 9\n' >killer && how rsync -a -e ./killer a/ there:b/ 2>&1 | grep status
head -c 30000000 /dev/zero >a/big && how sh -c 'echo $$ >pid; exec rsync -a --bwlimit=20000 --partial a/ b/' >out 2>&1 &
until ls b/.big.* >/dev/null 2>&1; do sleep 0.05; done
kill -INT "$(cat pid)"; kill -TERM "$(cat pid)"; wait; grep sh: out; until ! ls b/.big.* >/dev/null 2>&1; do sleep 0.05; done
how rsync -a --inplace a/ b/ && diff -r a b && echo equal
t() { tmux -S "$PWD/sock" -f /dev/null "$@"; }
trap 't kill-server 2>/dev/null' EXIT
t new-session -d -s s -x 80 -y 24 'how sh -c "exit 3" >one; tmux wait-for -S ended; exec cat'
t wait-for ended; cat one
t send-keys typed Enter; until t capture-pane -p | grep -c typed | grep -q 2; do sleep 0.05; done; t capture-pane -p | grep typed
how tmux -S "$PWD/sock" has-session -t s; how tmux -S "$PWD/sock" has-session -t none 2>&1
t new-window -d 'how sh -c "kill -TERM \$\$" >two; tmux wait-for -S again'; t wait-for again; cat two
t set -g remain-on-exit on; t new-window -d -n dead 'kill -SEGV $$'
until t list-panes -a -F '#{pane_dead} #{pane_dead_signal}' | grep '^1 11'; do sleep 0.05; done
TERM=xterm script -qec 'how tmux -S sock attach -t s \; detach-client' /dev/null | tr -d '\r' | grep -a -o 'tmux: status.*'
server=$(t display-message -p '#{pid}'); kill -TERM $server; while kill -0 $server 2>/dev/null; do sleep 0.05; done
how tmux -S "$PWD/sock" has-session 2>&1
