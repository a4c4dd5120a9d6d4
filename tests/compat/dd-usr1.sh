# dd's statistics on SIGUSR1 and its end by SIGINT in the middle of a read, and by signals that it leaves alone.
# sees: dd
mkfifo input
sent() { until grep -q "$1" said; do sleep 0.05; done; }
for signal in INT TERM USR2 QUIT; do
  how env --default-signal=INT,QUIT sh -c 'echo $$ >pid; exec dd if=input of=out bs=4' 2>said >ended &
  exec 9>input; printf 12345678 >&9
  until [ "$(cat out 2>/dev/null)" = 12345678 ]; do sleep 0.05; done
  kill -USR1 "$(cat pid)"; sent '2+0 records out'
  printf 9 >&9; until grep -q 9 out; do sleep 0.05; done
  kill -USR1 "$(cat pid)"; sent '2+1 records out'
  kill -$signal "$(cat pid)"; wait; exec 9>&-; cat ended said | sed 's/copied.*/copied/'; rm out said
done
how env POSIXLY_CORRECT=1 dd if=/dev/zero of=/dev/null bs=1M count=3 2>&1 | sed 's/copied.*/copied/'
how env --ignore-signal=INT dd if=/dev/zero of=out bs=1 count=10 status=noxfer 2>&1
