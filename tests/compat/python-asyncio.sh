# python3's asyncio: children and their ends, signal handlers in the loop, timeouts, executors, servers on socket pairs.
# sees: python3
cat >loop.py <<'END'
import asyncio, os, signal, socket, sys
from asyncio.subprocess import PIPE
async def main():
    for command in ('exit 3', 'kill -TERM $$', 'kill -SEGV $$', 'yes | head -1'):
        child = await asyncio.create_subprocess_shell(command, stdout=PIPE)
        print(command, (await child.communicate())[0], child.returncode)
    children = [await asyncio.create_subprocess_exec('cat', stdin=PIPE, stdout=PIPE) for _ in range(9)]
    for n, child in enumerate(children): child.send_signal([signal.SIGTERM, signal.SIGKILL, signal.SIGINT][n % 3])
    print(await asyncio.gather(*(child.wait() for child in children)))
    child = await asyncio.create_subprocess_exec('cat', stdin=PIPE)
    try: await asyncio.wait_for(child.wait(), 0.05)
    except asyncio.TimeoutError: child.kill(); print('timed out', await child.wait())
    loop, got = asyncio.get_running_loop(), asyncio.Queue()
    for s in (signal.SIGTERM, signal.SIGUSR1, signal.SIGHUP): loop.add_signal_handler(s, got.put_nowait, s.name), os.kill(os.getpid(), s)
    print(sorted([await got.get() for _ in range(3)]))
    print(loop.remove_signal_handler(signal.SIGHUP), signal.getsignal(signal.SIGHUP))
    a, b = socket.socketpair(); r, w = await asyncio.open_connection(sock=a); r2, w2 = await asyncio.open_connection(sock=b)
    w.write(b'line\n'); print(await r2.readline()); w2.close(); print(await r.read())
    async def echo(r, w): w.write((await r.readline()).upper()); w.close()
    server = await asyncio.start_unix_server(echo, 'socket'); r, w = await asyncio.open_unix_connection('socket')
    w.write(b'to a server\n'); print(await r.read())
    print(await loop.run_in_executor(None, sum, range(99))); server.close()
    if sys.argv[1] == 'cancel': loop.call_soon(asyncio.current_task().cancel)
    if sys.argv[1] in ('HUP', 'INT'): os.kill(os.getpid(), getattr(signal, 'SIG' + sys.argv[1]))
    if sys.argv[1] == 'exit': loop.call_soon(sys.exit, 7)
    await asyncio.sleep(9)
sys.stdout.reconfigure(line_buffering=True); sys.tracebacklimit = 0; asyncio.run(main())
END
for end in cancel HUP INT exit; do how env --default-signal=INT python3 loop.py $end 2>&1; done
