# redis-server: stopped by its client, by SIGTERM, by a signal that it leaves alone, and by a crash that it reports itself.
# sees: redis-server redis-cli
start() {
  rm -f redis.sock
  how redis-server --port 0 --unixsocket redis.sock --save '' --appendonly yes --logfile redis.log \
    --enable-debug-command yes >ended &
  until test -S redis.sock && redis-cli -s redis.sock PING 2>&1 | grep -q PONG; do sleep 0.05; done
}
ask() { redis-cli -s redis.sock "$@"; }
pid() { ask INFO server | sed -n 's/^process_id://p' | tr -d '\r'; }
start && ask SET key value && ask SHUTDOWN && wait; cat ended
start && ask GET key && kill -TERM "$(pid)" && wait; cat ended
start && ask GET key && kill -USR2 "$(pid)" && wait; cat ended
start && ask DEBUG SEGFAULT; wait; cat ended
grep -c 'REDIS BUG REPORT START' redis.log
start && ask GET key && ask SHUTDOWN; wait; cat ended
