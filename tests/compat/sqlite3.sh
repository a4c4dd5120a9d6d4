# sqlite3: errors, the signal that interrupts, and being killed in a transaction, with a journal and with a WAL: both recover.
# needs: sqlite3
# sees: sqlite3
trap 'kill -9 $(cat pid) 2>/dev/null' EXIT
how sqlite3 db 'CREATE TABLE t (n); INSERT INTO t VALUES (1), (2); SELECT sum(n) FROM t'
how sqlite3 db 'SELECT * FROM none'; how sqlite3 -bail db 'SELECT 1; SELECT abs(-9223372036854775808); SELECT 2'
echo '.exit 3' | how sqlite3 db; printf '.shell kill -USR2 $PPID; sleep 1\nSELECT 9;\n' | how sqlite3 db
for mode in DELETE WAL; do
  for signal in KILL TERM INT; do
    rm -f fifo ready && mkfifo fifo
    env --default-signal=INT how sh -c 'echo $$ >pid; exec sqlite3 db <fifo' >out &
    exec 3>fifo
    printf 'PRAGMA journal_mode = %s;\nPRAGMA cache_size = 2; BEGIN;\nUPDATE t SET n = n + 100;\nINSERT INTO t
      WITH RECURSIVE c(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM c WHERE i < 20000) SELECT i FROM c;\n.shell touch ready\n' $mode >&3
    until test -e ready; do sleep 0.05; done
    ls db*
    kill -$signal "$(cat pid)"
    exec 3>&-
    wait
    cat out
    how sqlite3 db 'PRAGMA integrity_check; SELECT count(*), sum(n) FROM t'
    ls db*
  done
done
rm ready
cat >endless.sql <<'END'
SELECT 7;
.shell touch ready
WITH RECURSIVE c(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM c) SELECT count(*) FROM c;
END
env --default-signal=INT how sh -c 'echo $$ >pid; exec sqlite3 db ".read endless.sql"' >out 2>&1 &
until test -e ready; do sleep 0.05; done
while kill -INT "$(cat pid)" 2>/dev/null; do sleep 0.2; done; wait; tail -n 1 out
for i in 1 2 3 4; do sqlite3 -cmd '.timeout 20000' db 'BEGIN IMMEDIATE; UPDATE t SET n = n + 1; COMMIT' & done; wait
how sqlite3 db 'SELECT sum(n) FROM t' .dump | wc -l
how sqlite3 db 'SELECT n FROM t' | head -n 1
