# python3's subprocess and os: how children end, what signals and descriptors they get, timeouts, posix_spawn, and daemons.
# sees: python3 sh perl
how python3 - <<'END' 2>&1
import os, signal, subprocess, sys
from subprocess import run, Popen, PIPE, DEVNULL
sys.stdout.reconfigure(line_buffering=True)
for end in ('exit 3', 'kill -TERM $$', 'kill -SEGV $$', 'kill -KILL $$', 'kill -PIPE $$', 'exec no-such', 'yes | head -1; yes 2>/dev/null'):
    print(end, run(['sh', '-c', end + ' >&-' if 'yes' in end else end], stderr=DEVNULL).returncode)
show = r'print join " ", grep { ($SIG{$_} // "DEFAULT") ne "DEFAULT" } sort keys %SIG'
for options in ({}, {'restore_signals': False}, {'preexec_fn': lambda: signal.signal(signal.SIGUSR1, signal.SIG_IGN)},
                {'close_fds': False, 'restore_signals': False}, {'start_new_session': True}):
    print(list(options), run(['perl', '-e', show], **options, stdout=PIPE).stdout)
print(run('echo out; echo err >&2; exit 5', shell=True, capture_output=True, text=True))
for call in (lambda: run(['sleep', '60'], timeout=0.05), lambda: run(['no-such-program']),
             lambda: run(['/dev/null']), lambda: run(['false'], check=True),
             lambda: run(['sh', '-c', 'kill -ABRT $$'], check=True), lambda: run(['true'], preexec_fn=lambda: 1 / 0),
             lambda: run(['true'], cwd='/no/such')):
    try: call()
    except Exception as e: print(type(e).__name__, str(e).split(' after ')[0])
for stop in ('terminate', 'kill'):
    with Popen(['cat'], stdin=PIPE, stdout=PIPE) as cat: getattr(cat, stop)(); print(cat.wait(), cat)
with Popen(['head', '-1'], stdin=PIPE, stdout=PIPE) as head: print(head.communicate(b'a line\n' * 99999))
pid = os.posix_spawn('/bin/sh', ['sh', '-c', 'kill -TERM $$; exit 6'], os.environ, setsigmask={signal.SIGTERM})
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
signal.signal(signal.SIGTERM, signal.SIG_IGN)
for default in ([], [signal.SIGTERM]):
    pid = os.posix_spawnp('sh', ['sh', '-c', 'kill -TERM $$; exit 7'], os.environ, setsigdef=default)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
r, w = os.pipe(); print(run(['sh', '-c', f'echo inherited >&{w}'], pass_fds=[w]).returncode, os.read(r, 99))
print(subprocess.getstatusoutput('echo x; exit 9'), os.system('kill -INT $$'), os.spawnlp(os.P_WAIT, 'sh', 'sh', '-c', 'kill -HUP $$'))
print(os.popen('exit 4').close()); os.execlp('perl', 'perl', '-e', 'kill USR2 => $$')
END
