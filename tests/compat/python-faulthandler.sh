# python3's faulthandler, which handles faults on an alternate stack of its own and passes them on: deaths, dumps, chains.
# sees: python3
cat >crash.py <<'END'
import ctypes, faulthandler, os, signal, sys, threading, time
def null(): ctypes.string_at(0)
def jump(): ctypes.CFUNCTYPE(None)(8)()
def overflows(): faulthandler._stack_overflow()
def aborts(): os.abort()
def kills(): os.kill(os.getpid(), signal.SIGSEGV)
def divides(): ctypes.CDLL(None).div(1, 0)
def thread(f): t = threading.Thread(target=f); t.start(); t.join()
def forks(): sys.exit(os.waitstatus_to_exitcode(os.waitpid(os.fork() or null(), 0)[1]) & 127)
def fatal(): faulthandler._fatal_error_c_thread()
def sigfpe(): faulthandler._sigfpe()
def disabled(): faulthandler.disable(); null()
def handled():
    signal.signal(signal.SIGUSR1, lambda n, f: (print('the program\'s own'), sys.exit(3)))
    faulthandler.register(signal.SIGUSR1, all_threads=False, chain=True); os.kill(os.getpid(), signal.SIGUSR1); time.sleep(1)
def unregistered():
    faulthandler.register(signal.SIGTERM, all_threads=False); os.kill(os.getpid(), signal.SIGTERM); print('lives on', flush=True)
    faulthandler.unregister(signal.SIGTERM); os.kill(os.getpid(), signal.SIGTERM)
def chained(): faulthandler.register(signal.SIGTERM, all_threads=False, chain=True); os.kill(os.getpid(), signal.SIGTERM); print('not reached')
def late(): faulthandler.dump_traceback_later(0.05, exit=True); time.sleep(60)
name = sys.argv[1]
threading.stack_size(1 << 20)
if name.startswith('thread:'): thread(globals()[name[7:]])
else: globals()[name]()
END
for crash in null jump overflows aborts kills divides fatal sigfpe thread:null thread:aborts forks disabled handled unregistered chained late; do
  echo "$crash"; how python3 -X faulthandler crash.py $crash 2>&1 | sed -E 's/0x[0-9a-f]+/ADDRESS/; /threading.py/d'
  how python3 crash.py $crash 2>&1 | tail -1
done
