# python3 daemons: a double fork lets its starter's $(…) return, SIGTERM ends it; programs whose terminal closes.
# sees: python3
cat >daemon.py <<'END'
import atexit, os, signal, socketserver, sys
print('starts', flush=True); how = sys.argv[1]
if os.fork(): os._exit(0)
os.setsid()
if os.fork(): os._exit(0)
null = os.open(os.devnull, os.O_RDWR)
for fd in range(3): os.dup2(null, fd)
atexit.register(lambda: os.write(log, b'atexit ran\n')); log = os.open('log', os.O_WRONLY | os.O_CREAT | os.O_APPEND)
def stop(n, f): os.write(log, signal.Signals(n).name.encode() + b' came\n'); sys.exit(3)
if how == 'handler': signal.signal(signal.SIGTERM, stop)
class Echo(socketserver.StreamRequestHandler):
    def handle(self): self.wfile.write(self.rfile.readline().upper())
class Forking(socketserver.ForkingMixIn if how == 'default' else socketserver.ThreadingMixIn, socketserver.UnixStreamServer): pass
with open('pid', 'w') as pid: print(os.getpid(), file=pid)
Forking('socket', Echo).serve_forever()
END
ask='import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect("socket"); s.send(b"a question\n"); print(s.recv(99)); s.close()'
for how in handler default; do
  echo "$(how python3 daemon.py $how)"; until [ -S socket ] && python3 -c "$ask" 2>/dev/null; do sleep 0.05; done
  kill -TERM "$(cat pid)"; while grep -qs ') [^Z]' "/proc/$(cat pid)/stat"; do sleep 0.05; done
  echo "$how: $(cat log)"; rm -f socket log
done
cat >terminal.py <<'END'
import os, pty, signal, sys, time
for script in ('echo ready; cat',
               'trap "echo hung up >said; exit 3" HUP; echo ready; while :; do read x || sleep 0.01; done',
               'trap "" HUP; echo ready; while read x; do :; done; echo end >said; exit 4'):
    pid, fd = pty.fork()
    if pid == 0: os.execlp('sh', 'sh', '-c', script)
    while b'ready' not in os.read(fd, 99): pass
    os.close(fd)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), os.path.exists('said') and (open('said').read(), os.remove('said')))
pid, fd = pty.fork()
if pid == 0: print('ready', flush=True)
while pid == 0: time.sleep(0.05)
while b'ready' not in os.read(fd, 99): pass
os.write(fd, b'\x03'); seen = b''
try:
    while part := os.read(fd, 999): seen += part
except OSError: pass
print(seen[-19:], os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
how python3 -u terminal.py
