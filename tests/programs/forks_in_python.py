# A child made by argv[1] registers a function beside its parent's, and ends as argv[2] says.
import multiprocessing, os, sys
import axshim

def say(word): print(word, flush=True)

def child(ends_by):
    axshim.register(say, "child's")
    if ends_by == "_exit": os._exit(0)
    if ends_by == "exit": sys.exit()

if __name__ == "__main__":
    axshim.register(say, "parent's")
    lock = axshim.unlink(sys.argv[3])
    if sys.argv[1] == "os":
        pid = os.fork()
        if pid == 0: child(sys.argv[2])
        os.waitpid(pid, 0)
    else:
        process = multiprocessing.get_context(sys.argv[1]).Process(target=child, args=(sys.argv[2],))
        process.start(), process.join()
    say("lock is there" if os.path.exists(sys.argv[3]) else "lock is gone")
