#include "base/real.h"

#include <dlfcn.h>

namespace axshim::real {

void *next(const char *name) { return dlsym(RTLD_NEXT, name); }
void *any(const char *name) { return dlsym(RTLD_DEFAULT, name); }

}  // namespace axshim::real
