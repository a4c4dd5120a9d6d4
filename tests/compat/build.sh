# cmake, ninja, make and ccache build a small project, twice, with an error in it, and stopped by a signal.
# needs: cmake ninja-build ccache gcc g++ libc6-dev make
# sees: cmake ninja ccache make ctest
export CCACHE_DIR=$PWD/cache
mkdir p && cat >p/CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.10)
project(p CXX)
set(CMAKE_CXX_COMPILER_LAUNCHER ccache)
add_library(a SHARED a.cc)
add_executable(b b.cc)
target_link_libraries(b a)
enable_testing()
add_test(NAME good COMMAND b 0)
add_test(NAME bad COMMAND b 3)
add_test(NAME crash COMMAND b 11)
add_test(NAME hang COMMAND b 99)
set_tests_properties(hang PROPERTIES TIMEOUT 1)
END
cat >p/a.cc <<'END'
#include <cstdio>
struct S { ~S() { std::puts("destroyed"); } } s;
int a(int n) { return n; }
END
cat >p/b.cc <<'END'
#include <csignal>
#include <cstdlib>
#include <unistd.h>
int a(int);
int main(int, char **v) { int n = a(std::atoi(v[1])); if (n == 11) raise(n); if (n == 99) sleep(n); return n; }
END
for generator in Ninja 'Unix Makefiles'; do
  how cmake -S p -B o -G "$generator" >log && grep -c 'Build files' log
  how cmake --build o -j 2 >log && tail -n 1 log | sed 's/.*\] //'
  how cmake --build o | tail -n 1
  (cd o && how ctest -j 2 2>&1 | sed -n 's/ *[0-9.]* sec//; s/^[0-9/ ]*Test *//p; /tests passed/p; /^ctest/p' | sort)
  cp p/b.cc saved; echo 'int main() { return none; }' >p/b.cc
  how cmake --build o 2>&1 | grep -c "error: 'none'\|error: ‘none’"; cp saved p/b.cc
  rm -rf o
done
ccache -s | grep Hits | head -n 1
printf 'a:\n\t@echo start; touch a; kill -TERM $$PPID; while kill -0 $$PPID 2>/dev/null; do sleep 0.05; done\n' >Makefile
how make 2>&1; ls a 2>&1
printf 'b:\n\t@exit 3\nc:\n\t@kill -SEGV $$$$\n.DEFAULT_GOAL := all\nall: b c\n' >Makefile
how make -k -j 2 2>&1 | sort
printf 'rule r\n  command = kill -SEGV $$$$\nbuild x: r\n' >build.ninja
how ninja | sed 's/^.*kill/kill/'
printf 'rule r\n  command = touch ready; sleep 100\nbuild x: r\n' >build.ninja
how sh -c 'echo $$ >pid; exec ninja' >log & until test -e ready; do sleep 0.05; done; kill -TERM "$(cat pid)"; wait; tail -n 2 log
