#pragma once

namespace axshim {

// Puts our handler at the end of libc's list: it runs after every handler and destructor of the program.
void register_last_handler();
void register_last_quick_handler();
// libc has dropped it.
void forget_last_quick_handler();

}  // namespace axshim
