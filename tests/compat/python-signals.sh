# python3's signal module: what each signal is at, handlers, masks, sigwait, wake-up fds, siginterrupt, timers, its own SIGINT.
# sees: python3
how python3 -uc 'import signal
print({s.name: str(signal.getsignal(s)) for s in signal.valid_signals() if hasattr(s, "name") and signal.getsignal(s) != signal.SIG_DFL})'
how env --ignore-signal=INT,TERM,USR1 python3 -uc 'import signal; print([s for s in range(1, 32) if signal.getsignal(s) == signal.SIG_IGN])'
for signal in INT TERM HUP QUIT PIPE USR1 ALRM XFSZ XCPU SYS POLL PWR; do
  how env --default-signal=INT,QUIT python3 -uc 'import os, signal, sys; s = getattr(signal, "SIG" + sys.argv[1])
print(signal.signal(s, lambda n, f: print("got", signal.Signals(n).name))); signal.raise_signal(s); os.kill(os.getpid(), s)
print(signal.signal(s, signal.SIG_DFL) is not None, signal.getsignal(s))
signal.pthread_kill(__import__("threading").get_ident(), s); print("not reached")' $signal 2>&1
done
how env --default-signal=INT python3 -uc 'import os, signal; os.kill(os.getpid(), signal.SIGINT); input()' 2>&1
how python3 -uc 'import os, signal
pid, usr, term = os.getpid(), signal.SIGUSR1, signal.SIGTERM
print(signal.pthread_sigmask(signal.SIG_BLOCK, {usr, term, signal.SIGRTMIN}))
os.kill(pid, usr); os.kill(pid, term); print(sorted(signal.sigpending()), signal.sigwait({usr}))
info = signal.sigwaitinfo({term}); print(info.si_signo, info.si_code, info.si_pid == pid, info.si_uid == os.getuid())
print(signal.sigtimedwait({usr, term}, 0.05)); os.kill(pid, term); print(signal.getsignal(term)); signal.pthread_sigmask(signal.SIG_UNBLOCK, {term})'
how python3 -uc 'import os, signal, socket, time
a, b = socket.socketpair(); a.setblocking(False); print(signal.set_wakeup_fd(a.fileno()))
for s in (signal.SIGUSR1, signal.SIGCHLD, signal.SIGALRM, signal.SIGRTMAX): signal.signal(s, lambda n, f: None); signal.raise_signal(s)
print(list(b.recv(9))); signal.setitimer(signal.ITIMER_REAL, 0.05, 0.01); print(b.recv(1)); print(signal.setitimer(signal.ITIMER_REAL, 0)[1])
signal.siginterrupt(signal.SIGUSR2, False); print(signal.getsignal(signal.SIGUSR2)); signal.raise_signal(signal.SIGUSR2)'
how python3 -uc 'import os, signal, threading
r, w = os.pipe(); main = threading.get_ident(); class_ = type("Late", (Exception,), {})
def late(n, f): signal.setitimer(signal.ITIMER_REAL, 0); raise class_("from a handler")
signal.signal(signal.SIGALRM, late); signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
try: os.read(r, 1)
except class_ as e: print("read:", e)
signal.signal(signal.SIGUSR1, lambda n, f: os.write(w, b"x"))
def kills():
  while signal.pthread_kill(main, signal.SIGUSR1) or not seen.wait(0.05): pass
seen = threading.Event(); killer = threading.Thread(target=kills); killer.start(); print(os.read(r, 1)); seen.set(); killer.join()
signal.setitimer(signal.ITIMER_VIRTUAL, 0.01); signal.signal(signal.SIGVTALRM, signal.SIG_DFL)
while True: pass'
how python3 -uc 'import signal
for s in (0, 65, signal.SIGKILL, 32):
  try: print(signal.signal(s, signal.SIG_DFL))
  except Exception as e: print(type(e).__name__, e)'
