# MariaDB: a new database, a client, its end by SHUTDOWN, SIGTERM and a crash that it reports itself.
# needs: mariadb-server
# sees: mariadbd mariadb
mkdir -m 777 data && chown nobody data 2>/dev/null
mariadbd --no-defaults --bootstrap --user=nobody --datadir="$PWD/data" --skip-log-error 2>/dev/null <<'END'
create database mysql;
END
start() {
  how mariadbd --no-defaults --user=nobody --datadir="$PWD/data" --socket="$PWD/my.sock" --skip-networking --skip-grant-tables \
    --pid-file="$PWD/data/pid" 2>>log >ended &
  until ask 'select 1' >/dev/null 2>&1; do sleep 0.1; done
}
ask() { mariadb --no-defaults --socket="$PWD/my.sock" -N -e "$1" 2>&1; }
start; ask 'create database if not exists test; create table test.t (a int) engine=innodb; insert into test.t values (1), (2)'
kill -TERM "$(cat data/pid)"; wait; cat ended
start; ask 'select sum(a) from test.t'; ask 'shutdown'; wait; cat ended
start; ask 'insert into test.t values (4)'; kill -SEGV "$(cat data/pid)"; wait; cat ended
start; ask 'select sum(a) from test.t'; kill -QUIT "$(cat data/pid)"; wait; cat ended
grep -c 'mysqld got signal\|mariadbd got signal' log
