# python3's ends with threads about, and the order of its exit handlers: sys.exit and os._exit in threads, forks in threads.
# sees: python3
prelude='import atexit, os, signal, sys, threading, time
atexit.register(print, "registered first"); atexit.register(print, "registered last")
def run(f, **options): t = threading.Thread(target=f, **options); t.start(); return t
forever = threading.Event()
class Finalized:
  def __del__(self): print("finalized")
kept = Finalized()
sys.tracebacklimit = 0
'
ends() {
  while read -r line; do
    echo "$line"
    how python3 -c "$prelude$(echo "$line" | sed 's/ | /\n/g')" 2>&1 | sed -E 's/0x[0-9a-f]+/ADDRESS/'
  done
}
ends <<'END'
run(lambda: sys.exit(3)).join()
run(lambda: os._exit(3)).join()
run(lambda: 1 / 0).join() | sys.exit(4)
run(forever.wait, daemon=True) | sys.exit(5)
run(lambda: print("ends before the handlers"))
run(lambda: os.kill(os.getpid(), signal.SIGTERM)).join()
run(lambda: os.abort()).join()
run(lambda: os.execlp("sh", "sh", "-c", "exit 6")).join() | print("not reached")
threads = [run(forever.wait, daemon=True) for i in range(20)] | os._exit(7)
run(lambda: print(os.waitstatus_to_exitcode(os.waitpid(os.fork() or os._exit(8), 0)[1]))).join()
pid = os.fork() or sys.exit(9) | print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
run(lambda: signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR1)).join() | time.sleep(9)
run(lambda: signal.raise_signal(signal.SIGINT)).join()
signal.signal(signal.SIGTERM, lambda n, f: sys.exit("by a handler")) | run(lambda: os.kill(os.getpid(), signal.SIGTERM)).join() | while not forever.wait(0.05): pass
atexit.register(os._exit, 10)
atexit.register(os.kill, os.getpid(), signal.SIGHUP)
atexit.register(lambda: 1 / 0) | raise SystemExit([1])
atexit.register(sys.exit, 11) | raise KeyboardInterrupt
threading._register_atexit(print, "before the threads are joined") | run(lambda: None)
sys.stdout = open("/dev/full", "w") | print("lost")
os.close(1)
threading.stack_size(65536) | run(lambda: print("on a small stack")).join() | signal.raise_signal(signal.SIGQUIT)
END
