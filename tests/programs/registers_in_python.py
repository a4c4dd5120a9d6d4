# Registers cleanups of all kinds through axshim.py, and callbacks of atexit among them; ends by argv[1].
import atexit, ctypes, os, signal, sys, threading
import axshim

def say(*words, **more): print(*words, *more.values(), flush=True)
def fails(): raise ValueError("no luck")
def leaves(): os._exit(9)
def registers(): axshim.register(say, "late")
def leave_in_thread(status):
    thread = threading.Thread(target=os._exit, args=(status,))
    thread.start(), thread.join()
def forgotten(): say("forgotten")

assert axshim.register(forgotten) is forgotten and axshim.unregister(len) is None
os.makedirs("tree/below"), os.symlink("/", "tree/link"), open("gone", "w"), open("kept", "w")
@axshim.register
def first(): say("first")
atexit.register(say, "atexit")
axshim.register(say, "with", more="arguments")
axshim.register(fails), axshim.register(forgotten), axshim.register(registers)
axshim.unlink("gone"), axshim.rmtree("tree"), axshim.unregister(axshim.unlink("kept")), axshim.unregister(forgotten)
if len(sys.argv) > 2: axshim.register(leaves)
end = {"exit": sys.exit, "_exit": os._exit, "c": ctypes.CDLL(None).exit, "raise": signal.raise_signal,
       "thread": leave_in_thread}[sys.argv[1]]
end(signal.SIGTERM if sys.argv[1] == "raise" else 3)
