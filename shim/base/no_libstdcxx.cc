// What header-only parts of the standard library refer to of libstdc++, which the preload may not bring
// along: it costs every process 0.9 ms, and its version may not be the program's. A call of it is a mistake
// of ours.
namespace std {

[[noreturn, gnu::visibility("hidden")]] void __throw_out_of_range_fmt(const char *, ...) { __builtin_trap(); }

// With -D_GLIBCXX_ASSERTIONS.
[[noreturn, gnu::visibility("hidden")]] void __glibcxx_assert_fail(const char *, int, const char *,
                                                                   const char *) noexcept {
  __builtin_trap();
}

}  // namespace std
