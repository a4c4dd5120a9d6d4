# PostgreSQL: initdb, queries, a fast, an immediate and a smart stop, a backend that crashes or is killed, and the recoveries after that.
# needs: postgresql-15
# sees: postgres psql initdb
PATH=$(echo /usr/lib/postgresql/*/bin):$PATH
if [ "$(id -u)" = 0 ]; then chmod 777 .; exec setpriv --reuid=nobody --regid=nogroup --clear-groups dash "$0"; fi
postmaster() { head -n 1 data/postmaster.pid; }
trap 'kill -QUIT $(postmaster) 2>/dev/null' EXIT
sql() { how psql -h "$PWD" -AtX -c "$@" postgres 2>&1; }
log() {
  sed 's/([0-9]*)/(N)/; s/PID [0-9]*/PID/; s/[0-9A-F]*\/[0-9A-F]\{6,\}/POSITION/g; s/at [0-9-]* [0-9:]* UTC/at TIME/; s/ system usage:.*//
    /starting\|changed without restart\|configuration file\|FATAL:  the database system is\|ready to accept\|Consistent\|invalid\|redo\|send data/d' log | sort -u
}
start() {
  : >log
  how postgres -D data -k "$PWD" -c listen_addresses= -c fsync=off -c log_line_prefix= -c log_checkpoints=off -c max_connections=20 >ended 2>log &
  until psql -h "$PWD" -XAtc 'SELECT 1' postgres >/dev/null 2>&1; do sleep 0.05; done
}
stopped() { wait; cat ended; log; ls data/postmaster.pid 2>&1 | cut -c1-10; }
busy() {  # leaves a client that runs a query in the background, and the pid of its backend in backend
  sql 'UPDATE t SET n = 0; SELECT pg_sleep(100)' >client &
  until psql -h "$PWD" -XAtc "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep'" postgres 2>&1 | grep '[0-9]' >backend; do sleep 0.05; done
}
how initdb -D data -A trust -N --no-locale -U "$(id -un)" | grep '^initdb\|ok$'
stop() { kill -$1 "$(postmaster)" && stopped; }
start
sql 'CREATE TABLE t (n int); INSERT INTO t SELECT generate_series(1, 10000); SELECT sum(n) FROM t'
sql 'SELECT 1/0'; sql 'SET max_parallel_workers_per_gather = 2; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0;
  SET min_parallel_table_scan_size = 0; EXPLAIN (COSTS off) SELECT count(*) FROM t; SELECT count(*) FROM t'
sql "SET statement_timeout = 50; SELECT pg_sleep(100)"
sql 'SELECT pg_terminate_backend(pg_backend_pid())'
kill -HUP "$(postmaster)"; until grep -q SIGHUP log; do sleep 0.05; done
echo '-- fast stop, with a client waiting'
busy && stop INT && cat client
echo '-- backends that die'
start
for signal in SEGV KILL ABRT; do
  busy && kill -$signal "$(cat backend)"
  until test "$(grep -c 'reinitializing' log)" != "${n-0}" && psql -h "$PWD" -XAtc 'SELECT 1' postgres >/dev/null 2>&1; do sleep 0.05; done
  n=$(grep -c 'reinitializing' log)
  sql 'SELECT sum(n) FROM t'; grep -e '^[A-Z]*:' -e status client | head -n 1
done
sql 'INSERT INTO t VALUES (1)'
echo '-- immediate stop, then recovery'
busy && stop QUIT && sed -n '1p;$p' client
start && sql 'SELECT sum(n) FROM t'
echo '-- smart stop, which waits for a client'
mkfifo in
how psql -h "$PWD" -AtX postgres <in >client 2>&1 &
exec 3>in && echo 'SELECT 7;' >&3 && until grep -q 7 client; do sleep 0.05; done
kill -TERM "$(postmaster)" && until grep -q 'smart' log; do sleep 0.05; done
echo 'SELECT 8;' >&3 && until grep -q 8 client; do sleep 0.05; done
exec 3>&- && stopped && cat client
echo '-- single user'
echo 'SELECT sum(n) FROM t' | how postgres --single -D data postgres 2>&1 | grep -e '1: sum = ' -e status
how postgres -D none 2>&1
