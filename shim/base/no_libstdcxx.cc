// What header-only parts of the standard library refer to of libstdc++, which the preload may not bring
// along: it costs every process 0.9 ms, and its version may not be the program's. A call of it is a mistake
// of ours.
namespace std {

[[noreturn, gnu::visibility("hidden")]] void __throw_out_of_range_fmt(const char *, ...) { __builtin_trap(); }

}  // namespace std
