# Everything that is built lands under build/. Targets:
#   all demo test check compat suites bench install format fuzz lint clean
#   SANITIZE=address|undefined|thread   builds and runs the unit tests with that sanitizer, in build/SANITIZE

VERSION := 0.1.0
PREFIX ?= /usr/local
SANITIZE ?=
BUILD := build$(if $(SANITIZE),/$(SANITIZE))
LIB := $(BUILD)/libaxshim.so
# Where a library of this architecture goes below a prefix: what ld.so makes of $LIB, which `axshim run` puts into LD_PRELOAD.
MULTIARCH := $(shell $(CC) -print-multiarch)
LIBDIR ?= $(if $(MULTIARCH),lib/$(MULTIARCH),$(or $(notdir $(shell $(CC) -print-multi-os-directory)),lib))
LIB_LINK := $(BUILD)/$(LIBDIR)/libaxshim.so

# scripts/deps unpacks a package into build/deps where installing it would remove another one.
DEPS := build/deps/usr
LIBUNWIND := $(firstword $(wildcard $(DEPS)/lib/llvm-*/lib/libunwind.a /usr/lib/llvm-*/lib/libunwind.a))
UNWIND_INCLUDE := $(firstword $(wildcard $(DEPS)/include/libunwind /usr/include/libunwind))

CXXFLAGS ?= -O2 -g
# What g++ warns of depends on flags: with others than ours a warning is no error.
WARNINGS := -Wall -Wextra $(if $(filter file,$(origin CXXFLAGS)),$(if $(findstring clang,$(CXX)),,-Werror))
# -fno-… against flags of packagers and habits of clang: LTO drops what only assembler names, and there is no bcmp here.
SHIM_FLAGS := -std=c++20 -Iinclude -Ishim -isystem $(UNWIND_INCLUDE) -DAXSHIM_PRELOAD -DAXSHIM_VERSION='"$(VERSION)"' \
  -fPIC -fno-exceptions -fno-rtti -fno-omit-frame-pointer -fvisibility=hidden -ftls-model=initial-exec -fno-threadsafe-statics \
  -fasynchronous-unwind-tables -fno-stack-protector -ffunction-sections $(WARNINGS) \
  -fno-lto -fno-builtin-bcmp
TOOL_FLAGS := -std=c++20 -Iinclude -Ishim -DAXSHIM_PRELOAD -DAXSHIM_VERSION='"$(VERSION)"' \
  -DAXSHIM_TRIPLET='"$(MULTIARCH)"' $(WARNINGS)
# Fewer mappings make a process start faster: noseparate-code, and norelro, which is 1.4 % of /bin/true; the table that it
# would protect has writable pointers to libc's functions beside it anyway.
# The preload must not bring libstdc++ into the program, and takes from libc what shim/imports.c names.
SHIM_LDFLAGS := -shared -nodefaultlibs -Wl,-z,now -Wl,-z,initfirst -Wl,-z,noexecstack \
  -Wl,-z,noseparate-code -Wl,-z,norelro -Wl,--no-undefined -Wl,-Bsymbolic-functions \
  -Wl,--exclude-libs,ALL -Wl,--version-script=shim/exports.map -Wl,-soname,libaxshim.so -Wl,--gc-sections
SANITIZE_FLAGS := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-omit-frame-pointer)

SHIM := $(wildcard $(addprefix shim/,$(addsuffix /*.cc,. base cause cleanup record sink)))
OBJECTS := $(patsubst %.cc,$(BUILD)/%.o,$(subst /./,/,$(SHIM)))

TOOL := $(BUILD)/axshim
REPORT := $(BUILD)/axshim-report
TOOL_MAINS := $(addprefix $(BUILD)/shim/tool/,main.o report_main.o)
TOOL_OBJECTS := $(filter-out $(TOOL_MAINS),$(patsubst %.cc,$(BUILD)/%.o,$(wildcard shim/tool/*.cc)))

PROGRAMS := $(patsubst %,$(BUILD)/%,$(basename $(wildcard tests/programs/*.c tests/programs/*.cc))) \
  $(patsubst %/,$(BUILD)/%,$(wildcard tests/programs/*/))
UNIT_TESTS := $(patsubst %.cc,$(BUILD)/%.o,$(shell find tests/unit -name '*_test.cc'))
PRELOAD_TESTS := $(patsubst %.cc,$(BUILD)/%.o,$(wildcard tests/preload/*.cc))
# End to end the preload runs without a sanitizer's runtime: those tests need a plain build.
TESTS := $(if $(UNIT_TESTS),$(BUILD)/tests/unit_tests) $(if $(SANITIZE),,$(BUILD)/tests/preload_tests)
TEST_FLAGS := -std=c++20 -O0 -g -Iinclude -Ishim -Itests $(WARNINGS) -Wno-missing-field-initializers $(SANITIZE_FLAGS) \
  -DAXSHIM_BUILD='"$(abspath $(BUILD))"' -DAXSHIM_SOURCE='"$(CURDIR)"'
PROGRAM_FLAGS := -O0 -g -D_GNU_SOURCE -Iinclude -Wall -Wextra -rdynamic -pthread

# All processors, unless make was told how many.
ifeq ($(filter -j%,$(MAKEFLAGS)),)
MAKEFLAGS += -j$(shell nproc)
endif

.DELETE_ON_ERROR:
.PHONY: all demo test check compat suites bench install format fuzz lint clean programs have-deps

all: $(LIB) $(LIB_LINK) $(TOOL) $(REPORT)

# Of the tests' programs those that it shows: the others want more packages.
demo:
	scripts/deps demo
	$(MAKE) all $(patsubst %,$(BUILD)/tests/programs/%,$(shell sed -n 's|.*$$programs/\([a-z_]*\).*|\1|p' scripts/demo))
	scripts/demo

# A make of its own, since what scripts/deps brings is looked for when the Makefile is read.
test:
	scripts/deps test
	$(MAKE) check

# GTEST_FILTER and the like work as ever. All run, even where the first fails: the end to end tests in two halves
# beside each other.
check: $(if $(SANITIZE),,all programs) $(TESTS)
	@status=0; halves=; \
	$(BUILD)/tests/unit_tests || status=1; \
	$(if $(SANITIZE),,tests/model/check || status=1; \
	for i in 0 1; do GTEST_TOTAL_SHARDS=2 GTEST_SHARD_INDEX=$$i $(BUILD)/tests/preload_tests & halves="$$halves $$!"; done; \
	for half in $$halves; do wait $$half || status=1; done; \
	scripts/compat small || status=1;) \
	exit $$status

compat:
	scripts/deps compat
	$(MAKE) all
	scripts/compat

suites:
	scripts/deps suites
	$(MAKE) all
	scripts/suites

bench:
	scripts/deps bench
	$(MAKE) all programs
	scripts/bench

programs: $(PROGRAMS)

have-deps:
	@test -n "$(LIBUNWIND)" -a -n "$(UNWIND_INCLUDE)" || \
	  { echo "axshim: the static LLVM libunwind is missing: run scripts/deps build" >&2; exit 1; }

$(LIB): $(OBJECTS) $(BUILD)/imports.so shim/exports.map
	$(CC) $(SHIM_LDFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(LIBUNWIND) -liberty -lgcc $(BUILD)/imports.so

$(BUILD)/imports.so: shim/imports.c Makefile
	@mkdir -p $(@D)
	$(CC) -shared -nostdlib -fPIC -fno-builtin -Wl,-soname,libc.so.6 -o $@ $<

$(LIB_LINK): | $(LIB)
	@mkdir -p $(@D)
	ln -s -r -f -T $(LIB) $@

# What it must not make of these functions is calls of themselves.
$(BUILD)/shim/base/no_libc_strings.o: SHIM_FLAGS += -fno-builtin

$(BUILD)/shim/%.o: shim/%.cc Makefile | have-deps
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS) $(SHIM_FLAGS) $(SANITIZE_FLAGS) -MMD -MP -c -o $@ $<

# What a program calls may run on a stack of one page: what is bigger than half of one is called on a stack of ours.
HOOKS := $(filter $(BUILD)/shim/cause/%.o $(patsubst %,$(BUILD)/shim/cleanup/%.o,api observed runner),$(OBJECTS))
$(HOOKS): SHIM_FLAGS += $(if $(SANITIZE),,-Wframe-larger-than=2048)

# Ordinary C++, over the same journals, grammar and actions.
$(BUILD)/shim/tool/%.o: shim/tool/%.cc Makefile | have-deps
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS) $(TOOL_FLAGS) $(SANITIZE_FLAGS) -MMD -MP -c -o $@ $<

# What `axshim run` needs is in it: the shared libraries take longer to load than all that it does.
LIBDW := -Wl,-Bstatic -ldw -lelf -llzma -lbz2 -lz -Wl,-Bdynamic
$(TOOL): $(BUILD)/shim/tool/main.o $(BUILD)/shim/tool.a $(BUILD)/tests/shim.o
	$(CXX) $(SANITIZE_FLAGS) $(LDFLAGS) $(if $(SANITIZE),,-static-libstdc++ -static-libgcc) -Wl,--gc-sections -o $@ $^ $(LIBDW) -pthread

$(REPORT): $(BUILD)/shim/tool/report_main.o $(BUILD)/shim/tool.a $(BUILD)/tests/shim.o
	$(CXX) $(SANITIZE_FLAGS) $(LDFLAGS) -Wl,--gc-sections -o $@ $^ $(LIBDW) -lsimdjson -pthread

$(BUILD)/shim/tool.a: $(TOOL_OBJECTS)
	rm -f $@
	ar rcs $@ $^

# The whole shim as one object for the command and the unit tests, but asleep: without its constructor, and the names that it
# interposes are local, so that the tests (and a sanitizer) keep libc's own. They also keep its heap and strings.
$(BUILD)/tests/shim.o: $(filter-out %/no_libc_heap.o %/no_libc_strings.o %/no_libstdcxx.o,$(OBJECTS)) shim/exports.map
	@mkdir -p $(@D)
	$(LD) -r -o $@ $(filter %.o,$^) $(LIBUNWIND) $$($(CC) -print-file-name=libiberty.a)
	sed '/local:/,$$d; s/#.*//; s/.*global://; s/[{;]/\n/g' shim/exports.map | tr -d ' \t' > $@.names
	printf '%s\n' '_Unwind_*' 'unw_*' '__unw_*' dl_iterate_phdr >> $@.names
	objcopy --wildcard --localize-symbols=$@.names --remove-section='.init_array*' \
	  --remove-section='.rela.init_array*' $@

$(BUILD)/tests/unit_tests: $(UNIT_TESTS) $(BUILD)/tests/shim.o
	$(CXX) $(SANITIZE_FLAGS) $(LDFLAGS) -Wl,--gc-sections -pthread -o $@ $^ -lgmock -lgtest -lgtest_main

$(BUILD)/tests/preload_tests: $(PRELOAD_TESTS)
	$(CXX) $(LDFLAGS) -pthread -o $@ $^ -lgmock -lgtest -lgtest_main

$(BUILD)/tests/%.o: tests/%.cc Makefile
	@mkdir -p $(@D)
	$(CXX) $(TEST_FLAGS) -MMD -MP -c -o $@ $<

# What each of these includes, compiled once: it takes longer than most of them.
HARNESS := $(BUILD)/tests/harness.h
$(HARNESS).gch: tests/preload/harness.h Makefile
	@mkdir -p $(@D)
	echo '#include "preload/harness.h"' > $(HARNESS)
	$(CXX) $(TEST_FLAGS) -MMD -MP -x c++-header -o $@ $(HARNESS)

$(BUILD)/tests/preload/%.o: tests/preload/%.cc $(HARNESS).gch Makefile
	@mkdir -p $(@D)
	$(CXX) $(TEST_FLAGS) -include $(HARNESS) -MMD -MP -c -o $@ $<

$(BUILD)/tests/programs/%: tests/programs/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(PROGRAM_FLAGS) -MMD -MP -MF $@.d -o $@ $<

$(BUILD)/tests/programs/%: tests/programs/%.cc Makefile
	@mkdir -p $(@D)
	$(CXX) -std=c++17 $(PROGRAM_FLAGS) -MMD -MP -MF $@.d -o $@ $< $(LDLIBS)

$(BUILD)/tests/programs/closes_a_database: LDLIBS := -lsqlite3

$(BUILD)/tests/programs/is_static: PROGRAM_FLAGS += -static
$(BUILD)/tests/programs/has_gaps: PROGRAM_FLAGS += -no-pie -Wl,-z,max-page-size=0x200000

# A directory of C files is one program.
.SECONDEXPANSION:
$(patsubst %/,$(BUILD)/%,$(wildcard tests/programs/*/)): $(BUILD)/%: $$(wildcard %/*) Makefile
	@mkdir -p $(@D)
	$(CC) $(PROGRAM_FLAGS) -o $@ $(filter %.c,$^)

install: $(LIB) $(TOOL) $(REPORT)
	install -d $(DESTDIR)$(PREFIX)/$(LIBDIR) $(DESTDIR)$(PREFIX)/lib/pkgconfig
	install -m 644 $(LIB) $(DESTDIR)$(PREFIX)/$(LIBDIR)/libaxshim.so
	$(if $(filter-out lib,$(LIBDIR)),ln -s -r -f -T $(DESTDIR)$(PREFIX)/$(LIBDIR)/libaxshim.so $(DESTDIR)$(PREFIX)/lib/libaxshim.so)
	printf '%s\n' 'prefix=$(PREFIX)' 'libdir=$${prefix}/$(LIBDIR)' 'includedir=$${prefix}/include' \
	  'preload=$${libdir}/libaxshim.so' '' 'Name: axshim' 'Version: $(VERSION)' \
	  'Description: Tells how a process ended and which of its cleanups ran' \
	  'Cflags: -I$${includedir}' > $(DESTDIR)$(PREFIX)/lib/pkgconfig/axshim.pc
	install -d $(DESTDIR)$(PREFIX)/include/axshim
	install -m 644 $(wildcard $(addprefix include/axshim/*.,h hpp py)) $(DESTDIR)$(PREFIX)/include/axshim
	install -d $(DESTDIR)$(PREFIX)/bin
	install $(TOOL) $(DESTDIR)$(PREFIX)/bin/axshim
	install -d $(DESTDIR)$(PREFIX)/libexec
	install $(REPORT) $(DESTDIR)$(PREFIX)/libexec/axshim-report
	install -d $(addprefix $(DESTDIR)$(PREFIX)/share/,man/man1 man/man7 bash-completion/completions)
	install -m 644 shim/tool/man/axshim.1 $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 shim/tool/man/axshim.7 $(DESTDIR)$(PREFIX)/share/man/man7
	install -m 644 shim/tool/completion.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/axshim

format:
	find $(wildcard include) shim tests -name '*.h' -o -name '*.hpp' -o -name '*.c' -o -name '*.cc' | xargs -r clang-format -i

# Feeds the grammar and the reader of journals with what libFuzzer makes up, each for FUZZ_SECONDS.
FUZZ_SECONDS ?= 60
FUZZ := clang++ -std=c++20 -g -O1 -Iinclude -Ishim -DAXSHIM_PRELOAD -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined
fuzz: $(LIB) $(BUILD)/tests/programs/waits_with_cleanups
	@mkdir -p -m 755 $(BUILD)/journals
	timeout -s KILL 1 env LD_PRELOAD=$(abspath $(LIB)) AXSHIM_DIR=$(BUILD)/journals AXSHIM_CLEANUP='sh:true @daemon' \
	  $(BUILD)/tests/programs/waits_with_cleanups; test $$? = 137
	$(FUZZ) -o $(BUILD)/declared_fuzz tests/fuzz/declared_fuzz.cc shim/cleanup/declared.cc shim/cleanup/quoting.cc \
	  $(patsubst %,shim/base/%.cc,duration escape path_template signals)
	$(FUZZ) -o $(BUILD)/journal_fuzz tests/fuzz/journal_fuzz.cc shim/tool/journal_file.cc
	$(BUILD)/declared_fuzz -max_total_time=$(FUZZ_SECONDS) -artifact_prefix=$(BUILD)/
	$(BUILD)/journal_fuzz -max_total_time=$(FUZZ_SECONDS) -artifact_prefix=$(BUILD)/ -max_len=65536 -len_control=0 $(BUILD)/journals

lint:
	clang-tidy --quiet $(SHIM) -- $(filter-out -Werror,$(SHIM_FLAGS))
	clang-tidy --quiet $(wildcard shim/tool/*.cc) -- $(filter-out -Werror,$(TOOL_FLAGS))

clean:
	rm -rf build

-include $(OBJECTS:.o=.d) $(TOOL_OBJECTS:.o=.d) $(TOOL_MAINS:.o=.d) $(UNIT_TESTS:.o=.d) $(PRELOAD_TESTS:.o=.d) $(HARNESS).d $(addsuffix .d,$(PROGRAMS))
