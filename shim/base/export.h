// Between these two stand the names that the library interposes; everything else is hidden.
#pragma once

#define AXSHIM_EXPORTS_BEGIN _Pragma("GCC visibility push(default)") extern "C" {
#define AXSHIM_EXPORTS_END \
  }                        \
  _Pragma("GCC visibility pop")
