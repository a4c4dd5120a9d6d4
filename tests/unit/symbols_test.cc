#include "record/symbols.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "base/fault_guard.h"
#include "record/backtrace.h"
#include "record/demangle.h"

namespace axshim {
namespace {

std::string demangled(const std::string &name, size_t capacity = 512) {
  std::vector<char> out(capacity);
  demangle(name, out.data(), capacity);
  return out.data();
}

std::vector<Symbol> named(const std::vector<Frame> &frames) {
  std::vector<Symbol> symbols(frames.size());
  symbolize(frames.data(), frames.size(), symbols.data());
  return symbols;
}

__attribute__((noinline)) std::vector<Symbol> stack_here() {
  Context context;
  capture(&context);
  std::vector<Frame> frames(64);
  frames.resize(unwind(context, frames.data(), frames.size()));
  return named(frames);
}

__attribute__((noinline)) std::vector<Symbol> static_caller() {
  std::vector<Symbol> stack = stack_here();
  asm volatile("");
  return stack;
}

TEST(Backtrace, NamesStaticFunctionsFromTheCallerOn) {
  const std::vector<Symbol> stack = static_caller();
  ASSERT_GE(stack.size(), 4u);
  EXPECT_STREQ(stack[0].name, "axshim::(anonymous namespace)::stack_here()");
  EXPECT_STREQ(stack[1].name, "axshim::(anonymous namespace)::static_caller()");
  EXPECT_STREQ(stack.back().name, "_start");
}

TEST(Backtrace, StopsAtTheCapacity) {
  Context context;
  capture(&context);
  Frame frames[2] = {{}, {123, false, false}};
  EXPECT_EQ(unwind(context, frames, 0), 0u);
  EXPECT_EQ(unwind(context, frames, 1), 1u);
  EXPECT_EQ(frames[1].pc, 123u);
}

TEST(Backtrace, ShowsTheCallerOfANullPointer) {
  FaultGuard guard;
  ucontext_t context;
  getcontext(&context);
  const uintptr_t stack[] = {reinterpret_cast<uintptr_t>(&static_caller) + 1, 0, 0};
#if defined(__x86_64__)
  context.uc_mcontext.gregs[REG_RIP] = 0;
  context.uc_mcontext.gregs[REG_RSP] = reinterpret_cast<greg_t>(stack);
#else
  context.uc_mcontext.pc = 0;
  context.uc_mcontext.regs[30] = stack[0];
#endif
  Frame frames[8];
  ASSERT_GE(unwind(context_of(&context), frames, 8), 2u);
  EXPECT_EQ(frames[0].pc, 0u);
  EXPECT_FALSE(frames[0].is_return_address);
  EXPECT_EQ(frames[1].pc, stack[0]);
  EXPECT_TRUE(frames[1].is_return_address);
}

TEST(Symbols, OfAFunctionsAddressAreWithoutDistance) {
  const uintptr_t pc = reinterpret_cast<uintptr_t>(&static_caller);
  const Symbol symbol = named({{pc, false, false}})[0];
  EXPECT_TRUE(symbol.has_symbol);
  EXPECT_EQ(symbol.plus, 0u);
  char path[1024] = {};
  ASSERT_GT(readlink("/proc/self/exe", path, sizeof path - 1), 0);
  EXPECT_STREQ(symbol.module->path, path);
}

TEST(Symbols, OfExportsCarryTheNamePeopleKnow) {
  const uintptr_t pc = reinterpret_cast<uintptr_t>(find_symbol("libc.so", "puts"));
  const Symbol symbol = named({{pc, false, false}})[0];
  EXPECT_STREQ(symbol.name, "puts");
  EXPECT_NE(strstr(symbol.module->path, "/libc.so.6"), nullptr);
}

TEST(Symbols, OfManyFramesComeInTheOrderOfTheFrames) {
  const uintptr_t first = reinterpret_cast<uintptr_t>(&static_caller);
  const uintptr_t second = reinterpret_cast<uintptr_t>(&stack_here);
  std::vector<Frame> frames;
  for (int i = 0; i < 100; ++i) frames.push_back({(i % 3 ? first : second) + i % 2, false, false});
  const std::vector<Symbol> symbols = named(frames);
  for (int i = 0; i < 100; ++i) {
    EXPECT_NE(strstr(symbols[i].name, i % 3 ? "static_caller" : "stack_here"), nullptr) << i;
    EXPECT_EQ(symbols[i].plus, static_cast<uintptr_t>(i % 2));
  }
}

TEST(Symbols, OfWildPointersAreTheAddressAlone) {
  const Symbol symbol = named({{0x1234, true, false}})[0];
  EXPECT_EQ(symbol.module, nullptr);
  EXPECT_EQ(symbol.offset, 0x1234u);
  EXPECT_FALSE(symbol.has_symbol);
}

TEST(Symbols, AreFoundByObjectAndName) {
  EXPECT_EQ(find_symbol("", "environ"), static_cast<const void *>(&environ));
  EXPECT_NE(find_symbol("libc.so", "environ"), nullptr);
  EXPECT_NE(find_symbol("libc.so", "__abort_msg"), nullptr);
  EXPECT_EQ(find_symbol("libc.so", "no such name"), nullptr);
  EXPECT_EQ(find_symbol("no such object", "environ"), nullptr);
  const auto abort_at = reinterpret_cast<uintptr_t>(find_symbol("libc.so", "abort"));
  EXPECT_TRUE(address_in_function(abort_at + 1, "libc.so", "abort"));
  EXPECT_FALSE(address_in_function(abort_at - 1, "libc.so", "abort"));
}

TEST(Demangle, WritesNamesForPeople) {
  EXPECT_EQ(demangled("main"), "main");
  EXPECT_EQ(demangled("_ZN5cache5flushEv"), "cache::flush()");
  EXPECT_EQ(demangled("_ZN5cache3getIiEET_i"), "cache::get<int>(int)");
  EXPECT_EQ(demangled("_ZN1r5store5flush17h0123456789abcdefE"), "r::store::flush");
  EXPECT_EQ(demangled("memcpy@@GLIBC_2.14"), "memcpy");
  EXPECT_EQ(demangled("_Zonk"), "_Zonk");
}

TEST(Demangle, CutsWhatIsTooLong) {
  EXPECT_EQ(demangled("_ZN5cache5flushEv", 10), "cache:...");
  EXPECT_EQ(demangled(std::string(2000, 'x'), 16), std::string(12, 'x') + "...");
  const std::string enormous = "_Z" + std::string(5000, 'P');
  EXPECT_EQ(demangled(enormous).substr(0, 3), "_ZP");
}

}  // namespace
}  // namespace axshim
