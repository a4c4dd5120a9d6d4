"""Cleanups that run at os._exit too, and files that are removed at fatal signals too.

    import axshim

    @axshim.register                        # as atexit.register
    def save(): ...

    axshim.register(connection.close, timeout=1)
    lock = axshim.unlink("/run/x.lock")
    axshim.rmtree(tempfile.mkdtemp())
    axshim.unregister(save)
    axshim.unregister(lock)                 # the file is to stay

One file, for CPython 3.8 and later. Without the preload, libaxshim.so, it is the module atexit: functions run,
and files are removed, when the interpreter exits. With it:

  * At the interpreter's exit functions run as before, in one order with those of atexit. They also run at
    os._exit and where C code calls exit: newest first, each on its own, so that one which raises or calls
    os._exit costs only itself. One that takes longer than AXSHIM_TIMEOUT is stopped, and no other follows it:
    so it goes where a fatal signal stops a thread that has the interpreter's lock just then. What they print
    at os._exit they have to flush.
  * Files and trees are removed then too, and by abort and fatal signals, SIGTERM among them: in one order with
    the functions, but after all of them at the interpreter's exit.
  * The record names each function that was left to the preload, and each that failed.

Files belong to the process that called unlink or rmtree. A fork child runs the functions that it inherited
where it leaves through the interpreter, as with atexit; at os._exit, by which multiprocessing ends its
children, it runs only its own.

What functions can't survive is a fatal signal: no Python code runs in a process that is being killed. SIGTERM
can be made an ordinary exit, with a status of 143 instead of the signal:

    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))

Or, from outside and with the signal as the status, by AXSHIM_GRACEFUL=TERM: that runs the functions registered
here, but not those of atexit, and not what else the interpreter does at its exit. They run on another thread,
which needs the interpreter's lock: it has it at once where the main thread waits for something, and after some
two seconds where that computes. SIGKILL leaves all undone.
"""

import _thread
import atexit
import errno
import os
import re
import sys

try:
    import ctypes
except ImportError:  # an interpreter that was built without it
    ctypes = None

__all__ = ["active", "register", "rmtree", "unlink", "unregister"]


def active():
    """True if the preload is there and watches this program."""
    return _shim is not None


def register(fn, *args, **kwargs):
    """Calls fn(*args, **kwargs) when the process ends. Returns fn, so it serves as a decorator."""
    if not callable(fn):
        raise TypeError("the first argument must be callable")
    _Function(fn, args, kwargs)
    return fn


def unregister(fn):
    """Forgets all registrations of fn (compared with ==), or one of what unlink and rmtree returned.

    Silent where there is none.
    """
    if isinstance(fn, _File):
        fn.forget()
    for function in [each for each in list(_functions.values()) if each.fn == fn]:
        function.forget()


def unlink(path):
    """Removes a file when the process ends; of a link itself, not what it names."""
    return _File("unlink", path)


def rmtree(path):
    """Removes a directory with all that is in it when the process ends, never following a link.

    No other mount is entered. The root, the home and the working directory, and what contains them, are refused.
    """
    return _File("rmtree", path)


class _Function:
    # By this name the preload tells these callbacks of atexit from others: they are among its own cleanups.
    __module__ = "axshim"
    __slots__ = ("fn", "args", "kwargs", "id")

    def __init__(self, fn, args, kwargs):
        self.fn, self.args, self.kwargs, self.id = fn, args, kwargs, 0
        if _shim is not None and not _ended:
            self.id = _checked(_shim.axshim_register(self.name(), _run_at_forced_end, id(self), 0))
        _functions[id(self)] = self
        atexit.register(self)

    def __repr__(self):
        return repr(self.fn)

    def name(self):
        module = getattr(self.fn, "__module__", None)
        name = getattr(self.fn, "__qualname__", type(self.fn).__qualname__)
        text = "{}.{}".format(module, name) if module else name
        return re.sub(rb"[\0-\x1f\x7f]", b"?", text.encode("utf-8", "replace"))[:255]

    def __call__(self):
        """By atexit, which reports what it raises."""
        if _functions.pop(id(self), None) is None:
            return
        try:
            self.fn(*self.args, **self.kwargs)
        except BaseException as error:
            self.leave_to_the_record(error)
            raise
        finally:
            self.forget_in_the_shim()

    def leave_to_the_record(self, error):
        # Which is written when there is no interpreter any more.
        if self.id != 0:
            fail = ctypes.cast(_shim.axshim_fail, _Callback)
            _shim.axshim_register(self.name(), fail, _shim.strdup(_text_of(error)), _SIGNAL_SAFE)

    def forget(self):
        _functions.pop(id(self), None)
        atexit.unregister(self)
        self.forget_in_the_shim()

    def forget_in_the_shim(self):
        if self.id != 0:
            _shim.axshim_unregister(self.id)


class _File:
    def __init__(self, action, path):
        self.action, self.pid = action, os.getpid()
        self.path = os.fsencode(path)
        if not os.path.isabs(self.path):
            self.path = os.path.join(os.getcwdb(), self.path)
        if b"\0" in self.path:
            raise ValueError("embedded null byte")
        if _shim is None:
            atexit.register(self)
        else:
            quoted = re.sub(rb"[\\;=@'\"]", rb"\\\g<0>", self.path).replace(b"%", b"%%").replace(b"\n", b"\\n")
            self.id = _checked(_shim.axshim_declare(action.encode() + b":" + quoted))

    def __repr__(self):
        return "axshim.{}({!r})".format(self.action, os.fsdecode(self.path))

    def __call__(self):
        """By atexit, where there is no preload."""
        if self.pid != os.getpid() or not os.path.lexists(self.path):
            return
        path = self.path.rstrip(b"/")  # behind a slash a link would be followed
        if self.action == "rmtree" and os.path.isdir(path) and not os.path.islink(path):
            _remove_tree(path)
        else:
            os.unlink(path)

    def forget(self):
        if _shim is None:
            atexit.unregister(self)
        else:
            _shim.axshim_unregister(self.id)


# By the rules of the preload (shim/cleanup/remove_tree.cc).
_MOST_DEPTH = 200  # one descriptor each


def _remove_tree(path):
    tree = _open_directory(path)
    try:
        places = [b"/", b".", os.environb.get(b"HOME")]
        if any(_contains(os.fstat(tree), place) for place in places if place):
            why = "refused: it is, or contains, the root, home or working directory"
            raise OSError(errno.EPERM, why, os.fsdecode(path))
        _empty(tree, 0)
    finally:
        os.close(tree)
    os.rmdir(path)


def _open_directory(path, at=None, flags=os.O_NOFOLLOW):
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | flags, dir_fd=at)


def _contains(tree, path):
    """True if it is the directory at path or above it."""
    below = None
    try:
        at = _open_directory(path, flags=os.O_PATH)
        while True:
            try:
                here = os.fstat(at)
                if os.path.samestat(here, tree):
                    return True
                if below is not None and os.path.samestat(here, below):
                    return False
                above = _open_directory("..", at, os.O_PATH)
            finally:
                os.close(at)
            at, below = above, here
    except OSError:  # there is none
        return False


def _empty(directory, depth):
    """As much as it can; then it raises what stopped it first."""
    obstacle = None
    for name in os.listdir(directory):
        try:
            _remove_entry(directory, name, depth)
        except OSError as error:
            obstacle = obstacle or error
    if obstacle is not None:
        raise obstacle


def _remove_entry(directory, name, depth):
    try:
        return os.unlink(name, dir_fd=directory)
    except FileNotFoundError:
        return
    except (IsADirectoryError, PermissionError) as error:
        obstacle = error
    try:
        below = _open_directory(name, directory)
    except NotADirectoryError:
        raise obstacle from None
    try:
        if _mount_of(below) != _mount_of(directory):
            raise OSError(errno.EXDEV, "another mount", name)
        if depth < _MOST_DEPTH:
            _empty(below, depth + 1)
    finally:
        os.close(below)
    os.rmdir(name, dir_fd=directory)


def _mount_of(descriptor):
    with open("/proc/self/fdinfo/{}".format(descriptor), "rb") as info:
        return re.search(rb"^mnt_id:\s*(\d+)", info.read(), re.M).group(1)


_SIGNAL_SAFE = 1  # of axshim.h
_functions = {}  # those that wait, by id, oldest first
_ended = False  # atexit is done with them: from here on the preload may call nothing of Python
_shim = None


# Registered before all others, so it is called last.
@atexit.register
def _end():
    global _ended
    while _functions:  # registered while atexit was at work, which passes them over
        try:
            _functions[next(reversed(_functions))]()
        except BaseException:
            sys.excepthook(*sys.exc_info())
    _ended = True


_end.__module__ = _Function.__module__


def _text_of(error):
    return "{}: {}".format(type(error).__name__, error).encode("utf-8", "replace")


def _checked(number):
    if number == 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return number


class _CalledExit(BaseException):
    pass


def _call_for_the_shim(key):
    function = _functions.pop(key, None)
    if function is None:
        _shim.axshim_fail(b"the process ended while it was running")
        return
    thread, leave = _thread.get_ident(), os._exit

    def end_function(status):
        if _thread.get_ident() != thread:
            leave(status)
        raise _CalledExit(status)

    os._exit = end_function  # the real one would jump out of the interpreter's frames
    try:
        function.fn(*function.args, **function.kwargs)
    except BaseException as error:
        sys.excepthook(*sys.exc_info())
        _shim.axshim_fail(b"called os._exit" if isinstance(error, _CalledExit) else _text_of(error))
    finally:
        os._exit = leave


def _find_shim():
    shim = ctypes.PyDLL(None, use_errno=True)
    for name, result, arguments in (
        ("axshim_active", ctypes.c_int, ()),
        ("axshim_register", ctypes.c_uint64, (ctypes.c_char_p, _Callback, ctypes.c_void_p, ctypes.c_uint)),
        ("axshim_declare", ctypes.c_uint64, (ctypes.c_char_p,)),
        ("axshim_unregister", ctypes.c_int, (ctypes.c_uint64,)),
        ("axshim_fail", None, (ctypes.c_char_p,)),
        ("strdup", ctypes.c_void_p, (ctypes.c_char_p,)),
    ):
        function = getattr(shim, name, None)
        if function is None:
            return None
        function.restype, function.argtypes = result, arguments
    return shim if shim.axshim_active() else None


if ctypes is not None:
    _Callback = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
    _run_at_forced_end = _Callback(_call_for_the_shim)
    _shim = _find_shim()
