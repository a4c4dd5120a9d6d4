# python3's multiprocessing by fork, spawn and forkserver: exit codes of each end, terminate and kill, pools, queues, atexit.
# sees: python3
cat >ends.py <<'END'
import atexit, multiprocessing as mp, os, signal, sys, time
def returns(): pass
def exits(): sys.exit(3)
def leaves(): os._exit(4)
def raises(): raise ValueError('of the child')
def segfaults(): os.kill(os.getpid(), signal.SIGSEGV)
def aborts(): os.abort()
def blocks(ready): ready.set(); time.sleep(60)
def registers(): atexit.register(print, 'atexit of a child'); mp.util.Finalize(None, print, ('finalizer of a child',), exitpriority=1)
def square(n): return n * n
def dies(n): os.kill(os.getpid(), signal.SIGKILL)
if __name__ == '__main__':
    context = mp.get_context(sys.argv[1]); atexit.register(print, 'atexit of the parent')
    for f in (returns, exits, leaves, raises, segfaults, aborts, registers):
        child = context.Process(target=f); child.start(); child.join(); print(f.__name__, child.exitcode, flush=True)
    for stop in ('terminate', 'kill'):
        ready = context.Event(); child = context.Process(target=blocks, args=(ready,)); child.start()
        ready.wait(); getattr(child, stop)(); child.join(); print(stop, child.exitcode)
    ready = context.Event(); child = context.Process(target=blocks, args=(ready,), daemon=True); child.start()
    ready.wait()
    with context.Pool(2) as pool: print(pool.map(square, range(9)))
    from concurrent.futures import ProcessPoolExecutor
    with ProcessPoolExecutor(2, mp_context=context) as executor:
        print(list(executor.map(square, range(5))))
        try: executor.submit(dies, 1).result()
        except Exception as e: print(type(e).__name__)
    with context.Manager() as manager: shared = manager.dict(a=1); shared['b'] = 2; print(dict(shared))
    queue = context.SimpleQueue(); child = context.Process(target=queue.put, args=('sent',)); child.start()
    print(queue.get()); child.join(); sys.exit(5)
END
for method in fork forkserver spawn; do how python3 ends.py $method 2>&1 | sed "s/Process-[0-9:]*/Process-N/"; done
