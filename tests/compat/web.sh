# Servers on sockets of their own: memcached, haproxy, lighttpd and a socat that forks, used, reloaded and stopped by signals.
# needs: memcached haproxy lighttpd socat
# sees: memcached haproxy lighttpd socat
test "$(id -u)" != 0 || chmod 777 .
as=$(test "$(id -u)" != 0 || echo -u nobody)
trap 'kill -9 $(cat pid pid2) 2>/dev/null' EXIT
start() { how sh -c 'echo $$ >pid; exec "$@"' - "$@" >out 2>&1 & job=$!; }
stop() { kill -$1 "$(cat pid)"; wait $job; grep "${2-status}" out; rm -f sock; }
get() { printf 'GET /%s HTTP/1.0\r\n\r\n' "$1" | socat -t 9 - UNIX-CONNECT:sock | tr -d '\r' | sed -n '1p;$p'; }
for signal in TERM INT USR1 QUIT; do
  echo "-- memcached $signal"
  start env --default-signal=INT,QUIT memcached $as -s sock -m 8
  until test -S sock; do sleep 0.05; done
  printf 'set k 0 0 5\r\nvalue\r\nget k\r\nquit\r\n' | socat -t 9 - UNIX-CONNECT:sock | tr -d '\r'
  stop $signal
done
echo '-- haproxy in front of lighttpd'
mkdir -p root && echo page >root/page
cat >lighttpd.conf <<END
server.document-root = "$PWD/root"
server.bind = "$PWD/backend"
server.errorlog = "$PWD/errors"
END
cat >haproxy.conf <<END
global
  stats socket $PWD/control level admin
defaults
  mode http
  timeout client 9s
  timeout server 9s
  timeout connect 9s
frontend f
  bind $PWD/sock
  default_backend b
backend b
  server s $PWD/backend
END
how sh -c 'echo $$ >pid2; exec lighttpd -D -f lighttpd.conf' >out2 2>&1 &
until test -S backend; do sleep 0.05; done
for way in 'TERM' 'USR1'; do
  how haproxy -c -q -f haproxy.conf
  start haproxy -W -q -f haproxy.conf
  until test -S sock; do sleep 0.05; done
  get page; get none
  echo 'show info' | socat - UNIX-CONNECT:control | grep Name
  stop $way
done
kill -INT "$(cat pid2)"; wait; cat out2; grep -o 'server stopped by' errors
echo '-- socat, a child for each client'
start socat UNIX-LISTEN:sock,fork EXEC:'cat'
until test -S sock; do sleep 0.05; done
for i in 1 2 3; do echo $i | socat -t 9 - UNIX-CONNECT:sock; done
stop TERM
how socat -u EXEC:'sh -c "exit 3"' -
