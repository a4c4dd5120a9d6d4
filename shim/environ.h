// What the program, and so the programs that it starts, find of us in the environment.
#pragma once

namespace axshim {

// With AXSHIM_FOLLOW=0 takes the variables and the preload out; else adds AXSHIM_OWNER where cleanups are
// declared. Returns where main's arguments are then. Before main, not earlier: in the constructor libc has no
// environment yet. Not signal-safe.
char **edit_environment(int argc, char **argv);

// Takes the variables out in place, as ld.so does with its own: a program with more rights than who started
// it obeys none, nor does what it starts. In the constructor.
void remove_variables(char **environment);

}  // namespace axshim
