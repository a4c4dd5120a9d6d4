#include "record/journal_modules.h"

#include <string.h>

#include "base/objects.h"
#include "cleanup/registry.h"
#include "record/symbols.h"

namespace axshim::journal {
namespace {

// The object asked for last.
constinit std::atomic<const JournalModule *> last_module{nullptr};

const JournalModule *find_module(const JournalHeader &file, const void *address) {
  const uintptr_t at = reinterpret_cast<uintptr_t>(address);
  for (const JournalModule *module = file.modules; module != nullptr; module = module->older)
    if (at >= module->start && at < module->end) return module;
  return nullptr;
}

const JournalModule *add_module(JournalHeader &file, const void *address) {
  Object object;
  if (!find_object(reinterpret_cast<uintptr_t>(address), &object)) return nullptr;
  const size_t size = sizeof(JournalModule) + strlen(object.name) + 1;
  char *memory = registry::allocate(size);
  if (memory == nullptr) return nullptr;
  auto *module = new (memory) JournalModule{};
  module->start = object.start;
  module->end = object.end;
  module->bias = object.bias;
  memcpy(module->path, object.name, strlen(object.name) + 1);
  print_build_id(object, module->build_id);
  module->older = file.modules;
  do {
    draw_module(file, *module);
  } while (!file.modules.compare_exchange_weak(module->older, module));
  return module;
}

}  // namespace

void note_module(JournalHeader &file, const void *address) {
  const uintptr_t at = reinterpret_cast<uintptr_t>(address);
  const JournalModule *module = last_module.load(std::memory_order_relaxed);
  if (address == nullptr || (module != nullptr && at >= module->start && at < module->end)) return;
  module = find_module(file, address);
  if (module == nullptr) module = add_module(file, address);
  last_module = module;
}

}  // namespace axshim::journal
