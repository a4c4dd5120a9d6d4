#include "record/python.h"

#include <string.h>
#include <sys/types.h>

#include <string_view>
#include <type_traits>

#include "base/objects.h"
#include "base/real.h"
#include "base/text.h"
#include "process.h"

namespace axshim {
namespace {

// The program, or libpython; chosen by its name, for any other program passes here too.
const link_map *find_interpreter() {
  const link_map *const program = first_link_map();
  for (const link_map *object = program; object != nullptr; object = object->l_next) {
    const char *slash = strrchr(object->l_name, '/');
    const bool may_be = object == program || (slash != nullptr && strncmp(slash, "/libpython", 10) == 0);
    if (may_be && find_in_object(object, "Py_IsInitialized") != nullptr) return object;
  }
  return nullptr;
}

// CPython's C API, of which nothing is linked. What it returns is never given back: the process ends.
using PyObject = void;
constexpr int kRichCompare = 67;  // Py_tp_richcompare

struct TypeSlot {
  int number;
  void *function;
};

struct TypeSpec {
  const char *name;
  int basic_size;
  int item_size;
  unsigned flags;
  TypeSlot *slots;
};

struct Interpreter {
  const link_map *object = find_interpreter();

  template <class Signature>
  Signature *find(const char *name) const {
    return object != nullptr ? reinterpret_cast<Signature *>(find_in_object(object, name)) : nullptr;
  }

#define AXSHIM_PYTHON(name, ...) std::type_identity_t<__VA_ARGS__> *name = find<__VA_ARGS__>(#name);
  AXSHIM_PYTHON(PyGILState_GetThisThreadState, const void *())
  AXSHIM_PYTHON(PyThreadState_GetUnchecked, const void *())
  AXSHIM_PYTHON(_PyThreadState_UncheckedGet, const void *())  // its name before 3.13
  AXSHIM_PYTHON(PyEval_SaveThread, void *())
  AXSHIM_PYTHON(PyEval_RestoreThread, void(void *))
  AXSHIM_PYTHON(PyGC_Disable, int())  // from 3.10 on
  AXSHIM_PYTHON(PyErr_Clear, void())
  AXSHIM_PYTHON(PySys_GetObject, PyObject *(const char *))
  AXSHIM_PYTHON(PyImport_GetModuleDict, PyObject *())
  AXSHIM_PYTHON(PyDict_GetItemString, PyObject *(PyObject *, const char *))
  AXSHIM_PYTHON(PyDict_Next, int(PyObject *, ssize_t *, PyObject **, PyObject **))
  AXSHIM_PYTHON(PyObject_GetAttrString, PyObject *(PyObject *, const char *))
  AXSHIM_PYTHON(PyObject_CallFunctionObjArgs, PyObject *(PyObject *, ...))
  AXSHIM_PYTHON(PyUnicode_AsUTF8, const char *(PyObject *))  // none in Python 2
  AXSHIM_PYTHON(PyType_FromSpec, PyObject *(TypeSpec *))
  AXSHIM_PYTHON(PyBool_FromLong, PyObject *(long))
#undef AXSHIM_PYTHON

  // Not by PyGILState_Check, which always says yes once there is a subinterpreter.
  bool is_locked_by_this_thread() const {
    if (PyUnicode_AsUTF8 == nullptr || PyGILState_GetThisThreadState == nullptr) return false;
    auto *const current =
        PyThreadState_GetUnchecked != nullptr ? PyThreadState_GetUnchecked : _PyThreadState_UncheckedGet;
    const void *const own = PyGILState_GetThisThreadState();
    return current != nullptr && own != nullptr && own == current();
  }

  // nullptr where it fails.
  PyObject *call(PyObject *function, PyObject *argument = nullptr) const {
    PyObject *result =
        function != nullptr ? PyObject_CallFunctionObjArgs(function, argument, nullptr) : nullptr;
    if (result == nullptr) PyErr_Clear();
    return result;
  }

  // nullptr where there is none.
  PyObject *attribute(PyObject *of, const char *name) const {
    PyObject *value = of != nullptr ? PyObject_GetAttrString(of, name) : nullptr;
    if (value == nullptr) PyErr_Clear();
    return value;
  }

  // Empty where there is none, or it is no text.
  std::string_view text(PyObject *of, const char *name) const {
    PyObject *value = attribute(of, name);
    const char *text = value != nullptr ? PyUnicode_AsUTF8(value) : nullptr;
    if (text == nullptr) PyErr_Clear();
    return text != nullptr ? text : "";
  }
};

// The code that a thread's stack began with; nullptr where that is none of Python's.
PyObject *first_code(const Interpreter &python, PyObject *frame) {
  PyObject *first = nullptr;
  for (PyObject *code; (code = python.attribute(frame, "f_code")) != nullptr;
       frame = python.attribute(frame, "f_back"))
    first = code;
  return first;
}

// Some thread is at what the interpreter was started with, or waits there for the other threads. While atexit
// is at work the stack of that one begins with a callback.
bool is_before_atexit(const Interpreter &python) {
  PyObject *frames = python.call(python.PySys_GetObject("_current_frames"));
  ssize_t at = 0;
  PyObject *frame = nullptr;
  while (frames != nullptr && python.PyDict_Next(frames, &at, nullptr, &frame) != 0) {
    PyObject *const code = first_code(python, frame);
    const std::string_view name = python.text(code, "co_name");
    if (name == "<module>" || name == "_run_module_as_main") return true;
    if (name == "_shutdown" && python.text(code, "co_filename").ends_with("/threading.py")) return true;
  }
  return false;
}

// atexit tells only how many callbacks it ever had. But atexit.unregister(probe) compares the probe with each
// that it has, and the probe says that it is another, and makes a note.
struct Probe {
  const Interpreter *python;
  PythonCallbacks *found;
  Text names;
};
Probe *probe = nullptr;

PyObject *meet(PyObject *, PyObject *callback, int) {
  const Interpreter &python = *probe->python;
  const std::string_view module = python.text(callback, "__module__");
  if (module != "axshim") {
    ++probe->found->count;
    std::string_view name = python.text(callback, "__qualname__");
    if (name.empty()) name = python.text(python.attribute(callback, "__class__"), "__qualname__");
    probe->names << module << (module.empty() ? "" : ".") << name << '\n';
  }
  return python.PyBool_FromLong(0);
}

}  // namespace

bool runs_python() {
  if (process.generation > 0 || process.quiet) return false;
  const link_map *const interpreter = find_interpreter();
  if (interpreter == nullptr) return false;
  return reinterpret_cast<int (*)()>(find_in_object(interpreter, "Py_IsInitialized"))() != 0;
}

void find_python_callbacks(PythonCallbacks &found) {
  const Interpreter python;
  if (!python.is_locked_by_this_thread()) return;
  if (python.PyGC_Disable != nullptr) python.PyGC_Disable();  // it would run the program's finalizers
  if (!is_before_atexit(python)) return;
  PyObject *atexit = python.PyDict_GetItemString(python.PyImport_GetModuleDict(), "atexit");
  TypeSlot slots[] = {{kRichCompare, reinterpret_cast<void *>(meet)}, {}};
  TypeSpec spec = {.name = "axshim.probe", .basic_size = 0, .item_size = 0, .flags = 0, .slots = slots};
  Probe here = {.python = &python, .found = &found, .names = Text(found.names)};
  probe = &here;
  python.call(python.attribute(atexit, "unregister"), python.call(python.PyType_FromSpec(&spec)));
}

PythonUnlocked::PythonUnlocked() {
  const Interpreter python;
  if (python.is_locked_by_this_thread()) state_ = python.PyEval_SaveThread();
}

PythonUnlocked::~PythonUnlocked() {
  if (state_ != nullptr) Interpreter().PyEval_RestoreThread(state_);
}

}  // namespace axshim
