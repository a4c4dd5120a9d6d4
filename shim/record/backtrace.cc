#include "record/backtrace.h"

#include <link.h>
#include <string.h>

#define _LIBUNWIND_IS_NATIVE_ONLY  // the context and the cursor of this machine, not of all
#include <libunwind.h>

#include <algorithm>
#include <initializer_list>

#include "base/fault_guard.h"
#include "base/objects.h"

namespace axshim {
namespace {

#if defined(__x86_64__)

struct Registers {  // as libunwind lays out unw_context_t
  uint64_t rax, rbx, rcx, rdx, rdi, rsi, rbp, rsp, r8, r9, r10, r11, r12, r13, r14, r15, rip, rflags, cs, fs,
      gs;
};
constexpr int kPc = UNW_X86_64_RIP;

uint64_t &pc_of(Registers &r) { return r.rip; }

Registers registers_of(const ucontext_t *u) {
  const auto g = [u](int i) { return static_cast<uint64_t>(u->uc_mcontext.gregs[i]); };
  return {g(REG_RAX), g(REG_RBX), g(REG_RCX), g(REG_RDX), g(REG_RDI), g(REG_RSI), g(REG_RBP),
          g(REG_RSP), g(REG_R8),  g(REG_R9),  g(REG_R10), g(REG_R11), g(REG_R12), g(REG_R13),
          g(REG_R14), g(REG_R15), g(REG_RIP), g(REG_EFL), 0,          0,          0};
}

Registers registers_of(unw_cursor_t *cursor) {
  Registers r = {};
  uint64_t *const in_dwarf_order[] = {&r.rax, &r.rdx, &r.rcx, &r.rbx, &r.rsi, &r.rdi, &r.rbp, &r.rsp,
                                      &r.r8,  &r.r9,  &r.r10, &r.r11, &r.r12, &r.r13, &r.r14, &r.r15};
  for (int i = 0; i < 16; ++i) unw_get_reg(cursor, i, in_dwarf_order[i]);
  return r;
}

// A call pushes its return address, also one to nowhere.
bool undo_call(Registers &r) {
  r.rip = *reinterpret_cast<const uint64_t *>(r.rsp);
  r.rsp += 8;
  return true;
}

bool undo_frame_pointer(Registers &r) {
  if (r.rbp < r.rsp || r.rbp % 8 != 0) return false;
  const auto *frame = reinterpret_cast<const uint64_t *>(r.rbp);
  r.rsp = r.rbp + 16;
  r.rip = frame[1];
  r.rbp = frame[0];
  return true;
}

#elif defined(__aarch64__)

struct Registers {  // as libunwind lays out unw_context_t
  uint64_t x[29], fp, lr, sp, pc, ra_sign_state;
  double d[32];
};
constexpr int kPc = UNW_AARCH64_PC;

uint64_t &pc_of(Registers &r) { return r.pc; }

Registers registers_of(const ucontext_t *u) {
  Registers r = {};
  memcpy(r.x, u->uc_mcontext.regs, 31 * sizeof(uint64_t));  // x0 to x28, fp, lr
  r.sp = u->uc_mcontext.sp;
  r.pc = u->uc_mcontext.pc;
  return r;
}

Registers registers_of(unw_cursor_t *cursor) {
  Registers r = {};
  for (int i = 0; i < 32; ++i) unw_get_reg(cursor, i, &r.x[i]);  // x0 to x28, fp, lr, sp
  return r;
}

bool undo_call(Registers &r) {
  r.pc = r.lr;
  return true;
}

bool undo_frame_pointer(Registers &r) {
  if (r.fp < r.sp || r.fp % 8 != 0) return false;
  const auto *frame = reinterpret_cast<const uint64_t *>(r.fp);
  r.sp = r.fp + 16;
  r.pc = frame[1];
  r.fp = frame[0];
  return true;
}

#endif

static_assert(sizeof(Registers) == sizeof(unw_context_t));
static_assert(sizeof(unw_context_t) <= sizeof(Context::registers));

// The cursor that libunwind works on, for dl_iterate_phdr below.
unw_cursor_t *current = nullptr;

bool in_an_object(uintptr_t address) {
  Object object;
  return find_object(address, &object);
}

// Whether the object may have rules for that address, by the sorted table that the linker makes of them.
// libunwind goes through all the rules where the table has none: milliseconds each time in a program as large
// as node, whose generated code has none. True where the table can't say.
bool may_have_rules(const Object &object, uintptr_t address) {
  struct Entry {
    int32_t start, rules;  // of a function; both count from the header on
  };
  constexpr unsigned char kForm[] = {1, 0x1b, 0x03, 0x3b};  // all linkers' version and encodings
  const uintptr_t header = object.eh_frame_header;
  if (memcmp(reinterpret_cast<const void *>(header), kForm, sizeof kForm) != 0) return true;
  const uint32_t count = reinterpret_cast<const uint32_t *>(header)[2];
  const auto *first = reinterpret_cast<const Entry *>(header + 12);
  const Entry *next = std::upper_bound(
      first, first + count, address,
      [header](uintptr_t wanted, const Entry &entry) { return wanted < header + entry.start; });
  if (next == first) return false;
  const uintptr_t start = header + next[-1].start, rules = header + next[-1].rules;
  const auto *words = reinterpret_cast<const int32_t *>(rules);  // length, what is common, start, size
  if (words[0] == -1 || rules + 8 + words[2] != start || words[3] == 0) return true;  // of another form
  return address - start < static_cast<uint32_t>(words[3]);
}

struct Walk {
  unw_cursor_t cursor;
  uintptr_t pc;
  bool exact;

  // libunwind looks for the function at the pc it starts with, and in it for the last rule *before* the pc,
  // as suits return addresses only. So it starts at the instruction, and is told the byte after it then.
  // (Under UNW_REG_IP it would look for the function again.)
  void start(Registers registers) {
    const uintptr_t instruction = exact ? pc : pc - 1;
    pc_of(registers) = instruction;
    unw_context_t context;
    memcpy(&context, &registers, sizeof context);
    unw_init_local(&cursor, &context);
    unw_set_reg(&cursor, kPc, instruction + 1);
  }

  // From the current frame, which it may find to be a signal's, to the one below; false at the last.
  bool step(Frame *frame) {
    const uintptr_t old_pc = get(UNW_REG_IP), old_sp = get(UNW_REG_SP);
    if (unw_step(&cursor) < 0) return false;
    const bool has_rules = get(UNW_REG_IP) != old_pc || get(UNW_REG_SP) != old_sp;
    if (!has_rules) return guess();
    pc = get(UNW_REG_IP);
    exact = frame->is_signal_frame = unw_is_signal_frame(&cursor) > 0;  // tells of the frame just left
    if (exact) start(registers_of(&cursor));
    return pc != 0 || exact;  // what a signal interrupted may be a call of a null pointer; else 0 is the end
  }

  // Code without unwinding rules: a jump to nowhere, or generated code.
  bool guess() {
    if (in_an_object(pc)) return false;
    Registers called = registers_of(&cursor), framed = called;
    if (exact && undo_call(called) && in_an_object(pc_of(called) - 1)) return resume(called);
    return undo_frame_pointer(framed) && pc_of(framed) > 4096 && resume(framed);
  }

  bool resume(const Registers &registers) {
    Registers copy = registers;
    pc = pc_of(copy);
    exact = false;
    start(copy);
    return true;
  }

  uintptr_t get(int number) {
    unw_word_t value = 0;
    unw_get_reg(&cursor, number, &value);
    return value;
  }
};

}  // namespace

Context context_of(const ucontext_t *interrupted) {
  Context context;
  context.exact = true;
  const Registers registers = registers_of(interrupted);
  memcpy(context.registers, &registers, sizeof registers);
  return context;
}

size_t unwind(const Context &context, Frame *frames, size_t capacity) {
  volatile size_t count = 0;  // survives the jump out of a fault
  Walk walk;
  current = &walk.cursor;
  guarded([&] {
    if (capacity == 0) return;
    Registers registers;
    memcpy(&registers, context.registers, sizeof registers);
    walk.pc = pc_of(registers);
    walk.exact = context.exact;
    frames[0] = {walk.pc, !walk.exact, false};
    count = 1;
    walk.start(registers);
    while (count < capacity && walk.step(&frames[count - 1])) {
      frames[count] = {walk.pc, !walk.exact, false};
      count = count + 1;
    }
  });
  current = nullptr;
  return count;
}

}  // namespace axshim

// Another name for libunwind's function; a jump leaves registers and return address as they are.
asm(R"(
.pushsection .text
.hidden axshim_get_registers
.globl axshim_get_registers
.type axshim_get_registers, %function
axshim_get_registers:
.cfi_startproc
)"
#if defined(__x86_64__)
    "jmp __unw_getcontext@PLT\n"
#else
    "b __unw_getcontext\n"
#endif
    R"(
.cfi_endproc
.size axshim_get_registers, . - axshim_get_registers
.popsection
)");

// What follows takes the place of libc's functions for libunwind alone.
extern "C" {

// libc's takes the loader's lock, for ever if a thread that did not come along through fork held it. The only
// question ever asked is where the rules for the cursor's pc are, so that one object is the whole answer, as
// two made-up segments: its extent and its table.
[[gnu::visibility("hidden")]] int dl_iterate_phdr(int (*visit)(dl_phdr_info *, size_t, void *), void *data) {
  unw_word_t pc = 0;
  if (!axshim::current || unw_get_reg(axshim::current, UNW_REG_IP, &pc) != 0) return 0;
  uintptr_t seen = 0;
  for (const uintptr_t address : {pc - 1, pc}) {  // a return address may lie one past the end of its object
    axshim::Object object;
    if (!axshim::find_object(address, &object) || object.start == seen) continue;
    seen = object.start;
    if (object.eh_frame_header == 0) continue;
    if (!axshim::may_have_rules(object, pc - 1) && !axshim::may_have_rules(object, pc)) continue;
    ElfW(Phdr) segments[2] = {};
    segments[0].p_type = PT_LOAD;
    segments[0].p_vaddr = object.start - object.bias;
    segments[0].p_memsz = object.end - object.start;
    segments[1].p_type = PT_GNU_EH_FRAME;
    segments[1].p_vaddr = object.eh_frame_header - object.bias;
    segments[1].p_memsz = object.end - object.eh_frame_header;  // its own header says more exactly
    static unsigned long long asked = 0;  // a new number each time: nothing may be cached between calls
    dl_phdr_info info = {};
    info.dlpi_addr = object.bias;
    info.dlpi_name = "";
    info.dlpi_phdr = segments;
    info.dlpi_phnum = 2;
    info.dlpi_adds = ++asked;
    if (const int result = visit(&info, sizeof info, data)) return result;
  }
  return 0;
}

// For the names of functions, which we never ask libunwind for.
[[gnu::visibility("hidden")]] int dladdr(const void *, Dl_info *) noexcept { return 0; }

// Around the rules of generated code, which nobody registers with our private copy.
[[gnu::visibility("hidden")]] int pthread_rwlock_rdlock(pthread_rwlock_t *) noexcept { return 0; }
[[gnu::visibility("hidden")]] int pthread_rwlock_wrlock(pthread_rwlock_t *) noexcept { return 0; }
[[gnu::visibility("hidden")]] int pthread_rwlock_unlock(pthread_rwlock_t *) noexcept { return 0; }

}  // extern "C"
