# nginx: a master and its workers: reload, reopened logs, a worker that is killed and replaced, quit, stop, a broken configuration.
# needs: nginx perl
# sees: nginx
cat >conf <<END
worker_processes 2; pid $PWD/pid; error_log $PWD/error.log notice; master_process on;
events { worker_connections 64; }
http {
  access_log $PWD/access.log;
  client_body_temp_path $PWD/t1; proxy_temp_path $PWD/t2; fastcgi_temp_path $PWD/t3; uwsgi_temp_path $PWD/t4; scgi_temp_path $PWD/t5;
  server { listen unix:$PWD/sock; return 200 "version VERSION\n"; }
}
END
set_version() { sed "s/VERSION/$1/" conf >nginx.conf; }
ask() {
  perl -MIO::Socket::UNIX -e '$s = IO::Socket::UNIX->new("sock") or die "not there\n"; print $s "GET / HTTP/1.0\r\n\r\n";
    while (<$s>) { print if /^HTTP|^version/ }'
}
say() { until grep -q "$1" error.log; do sleep 0.05; done; }
master() { how nginx -p "$PWD" -c nginx.conf -e error.log "$@"; }
trap 'kill -9 $(cat pid) $(sed -n "s/.*start worker process //p" error.log)  2>/dev/null' EXIT
chmod 777 . ; set_version 1
master -t 2>&1 | sed 's/^.*\[[a-z]*\] [0-9#: ]*//'
start() { rm -f error.log; master -g "daemon off;" >ended 2>&1 & until ask >/dev/null 2>&1; do sleep 0.05; done; }
start && ask
set_version 2 && kill -HUP "$(cat pid)" && say 'gracefully shutting down' && until ask | grep 'version 2'; do sleep 0.05; done
until test "$(grep -c 'exited with code' error.log)" = 2; do sleep 0.05; done
test -s access.log && mv access.log old.log && kill -USR1 "$(cat pid)" && until test -e access.log; do sleep 0.05; done && head -n 1 old.log | cut -d'"' -f2-
for signal in KILL SEGV ABRT TERM; do
  victim=$(sed -n 's/.*start worker process //p' error.log | tail -n 1); kill -$signal $victim
  say "$victim exited" && grep -o "$victim exited.*" error.log | cut -d' ' -f2- && until test "$(sed -n 's/.*start worker process //p' error.log | tail -n 1)" != $victim; do sleep 0.05; done && ask
done
kill -QUIT "$(cat pid)"; wait; cat ended; ls pid sock 2>&1 | cut -c1-10
for signal in TERM INT KILL; do
  start && kill -$signal "$(cat pid)" && wait; cat ended
  for worker in $(sed -n 's/.*start worker process //p' error.log); do kill -9 $worker 2>/dev/null; done; rm -f pid sock
done
start && master -s reload && say 'reconfiguring' && master -s quit && wait; cat ended
set_version '" nonsense' && master 2>&1 | sed 's/^.*\[[a-z]*\] [0-9#: ]*//'
set_version 3 && master && ask && kill -QUIT "$(cat pid)" && while test -e pid; do sleep 0.05; done
grep -o 'exited on signal.*\|exited with code.*' error.log | sort
