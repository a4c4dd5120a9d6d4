# Has those callbacks of atexit that argv[2:] names, and one that it unregistered; ends by argv[1].
import atexit, ctypes, functools, os, signal, sys, threading, time

class Store:
    def __call__(self): pass
    def close(self): pass
def save(): pass
def leave(): os._exit(3)
def leave_in_a_handler():
    libc.signal(signal.SIGUSR1, libc._exit)
    locked.kill(os.getpid(), signal.SIGUSR1)
def leave_unlocked():
    threading.Thread(target=lambda: all(True for _ in iter(int, 1))).start()
    libc._exit(3)

libc, locked = ctypes.CDLL(None), ctypes.PyDLL(None)  # the first calls without the interpreter's lock
callbacks = {"save": save, "close": Store().close, "store": Store(), "sleep": time.sleep, "leave": leave,
             "_exit": functools.partial(os._exit, 3)}
for name in sys.argv[2:]: atexit.register(callbacks[name])
atexit.register(os.getpid), atexit.unregister(os.getpid)
{"os._exit": leave, "sys.exit": sys.exit, "libc._exit": leave_unlocked, "handler": leave_in_a_handler,
 "quick_exit": lambda: locked.quick_exit(3), "libc.exit": lambda: locked.exit(3),
 "child": lambda: os.fork() == 0 and leave() or os.wait(),
 "thread": lambda: threading.Thread(target=leave).start() or time.sleep(99),
 "last thread": threading.Thread(target=lambda: (threading.main_thread().join(), leave())).start}[sys.argv[1]]()
