// Reads journals made of arbitrary bytes, behind the marks that every journal has.
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <stdexcept>

#include "tool/journal_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string bytes(reinterpret_cast<const char *>(data), size);
  axshim::JournalHeader marks = {};
  memcpy(marks.magic, axshim::kJournalMagic, sizeof marks.magic);
  marks.version = axshim::kJournalVersion;
  marks.entry_size = sizeof(axshim::Entry);
  marks.pid = 1;
  if (bytes.size() >= offsetof(axshim::JournalHeader, ppid))
    memcpy(bytes.data(), &marks, offsetof(axshim::JournalHeader, ppid));
  axshim::tool::Descriptor file(memfd_create("journal", MFD_CLOEXEC));
  if (write(file.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) __builtin_trap();
  try {
    const axshim::tool::JournalFile journal(std::move(file));
    for (size_t i = 0; i < journal.size(); ++i) {
      const std::optional<axshim::tool::JournalEntry> entry = journal.entry(i);
      if (!entry) continue;
      if (entry->state_offset >= bytes.size()) __builtin_trap();
      if (entry->declared && entry->declared->argument.size() > bytes.size()) __builtin_trap();
    }
  } catch (const std::runtime_error &) {
  }
  return 0;
}
