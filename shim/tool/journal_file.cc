#include "tool/journal_file.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>

namespace axshim::tool {
namespace {

constexpr uint64_t kMostBytes = uint64_t{1} << 30;
constexpr size_t kMostModules = 4096;
constexpr uint64_t kMostOfTexts = 4;  // name, argument and text of an entry, which may be one
// Of what is read at once: the newest entries come first.
constexpr uint64_t kBefore = 48 << 10, kAfter = 16 << 10;

template <size_t n>
void terminate_text(char (&text)[n]) {
  text[n - 1] = '\0';
}

[[noreturn]] void refuse(const std::string &why) { throw std::runtime_error(why); }

// Copied bytes may hold what no bool can.
bool is_bool(const bool &value) {
  unsigned char byte;
  memcpy(&byte, &value, 1);
  return byte <= 1;
}

uint64_t address_of(const void *pointer) { return reinterpret_cast<uint64_t>(pointer); }

}  // namespace

bool is_blank(const Descriptor &file) {
  char magic[sizeof kJournalMagic] = {};
  return pread(file.get(), magic, sizeof magic, 0) >= 0 && magic[0] == '\0';
}

JournalFile::JournalFile(Descriptor file) : file_(std::move(file)) {
  struct stat status = {};
  if (fstat(file_.get(), &status) == 0) file_size_ = static_cast<uint64_t>(status.st_size);
  if (file_size_ > kMostBytes) refuse("too large for a journal (allowed: 1 GiB)");
  check_header();
  refuse_overlaps();
  read_modules();
  find_segments();
  check_entries();
}

void JournalFile::check_header() {
  const char *bytes = read(entries_, 0, kJournalHeaderSize);
  if (bytes == nullptr) refuse("cut short: no journal's header fits into it");
  memcpy(static_cast<void *>(&header_), bytes, sizeof header_);
  if (memcmp(header_.magic, kJournalMagic, sizeof kJournalMagic) != 0) refuse("no journal of axshim");
  if (header_.version != kJournalVersion || header_.entry_size != sizeof(Entry))
    refuse("a journal of another version of axshim (" + std::to_string(header_.version) +
           "; this one reads " + std::to_string(kJournalVersion) + ")");
  terminate_text(header_.boot_id);
  terminate_text(header_.machine_id);
  terminate_text(header_.host);
  terminate_text(header_.program);
  terminate_text(header_.exe);
  if (header_.pid <= 0) refuse("damaged: no pid");
  // A path's template takes them in, and would lead elsewhere.
  if (strchr(header_.program, '/') != nullptr || strchr(header_.host, '/') != nullptr)
    refuse("damaged: the name of its program or host holds a slash");
  if (header_.end.load() > JournalEnd::exec) refuse("damaged: no such end");
  if (header_.daemon_entries.load() > DaemonEntries::taken) refuse("damaged: daemon entries of nobody");
  for (JournalRegion &region : header_.region) {
    const uint64_t size = region.size;
    const bool inside = region.offset >= kJournalHeaderSize && region.offset <= file_size_ &&
                        size <= file_size_ - region.offset;
    if (size == 0 || (inside && region.address <= UINT64_MAX - size)) continue;
    // What a process mapped last may lie behind the end of a file that was cut.
    region.size = 0;
    ++unreadable_;
  }
}

// Each byte of the file was one of memory.
void JournalFile::refuse_overlaps() {
  std::vector<const JournalRegion *> regions;
  for (const JournalRegion &region : header_.region)
    if (region.size != 0) regions.push_back(&region);
  std::sort(regions.begin(), regions.end(),
            [](const JournalRegion *a, const JournalRegion *b) { return a->offset < b->offset; });
  for (size_t i = 1; i < regions.size(); ++i)
    if (regions[i]->offset - regions[i - 1]->offset < regions[i - 1]->size)
      refuse("damaged: two parts of it overlap");
}

// nullptr where the file does not hold it, or not any more.
const char *JournalFile::read(Window &window, uint64_t offset, uint64_t size) const {
  if (offset < window.begin || offset - window.begin > window.bytes.size() ||
      size > window.bytes.size() - (offset - window.begin)) {
    window.begin = offset - std::min(offset, kBefore);
    window.bytes.resize(offset - window.begin + std::max(size, kAfter));
    const ssize_t got =
        pread(file_.get(), window.bytes.data(), window.bytes.size(), static_cast<off_t>(window.begin));
    window.bytes.resize(static_cast<size_t>(std::max<ssize_t>(got, 0)));
  }
  const uint64_t begin = offset - window.begin;
  return begin <= window.bytes.size() && size <= window.bytes.size() - begin ? window.bytes.data() + begin
                                                                             : nullptr;
}

const char *JournalFile::at(uint64_t address, uint64_t size) const {
  for (const JournalRegion &region : header_.region) {
    const uint64_t whole = region.size;
    if (address < region.address || address - region.address > whole) continue;
    const uint64_t begin = address - region.address;
    if (size <= whole - begin) return read(texts_, region.offset + begin, size);
  }
  return nullptr;
}

std::optional<std::string> JournalFile::text_at(const void *address, uint64_t size) const {
  if (size == 0) return std::string();
  const char *begin = at(address_of(address), size);
  if (begin == nullptr) return std::nullopt;
  return std::string(begin, size);
}

// Up to the null byte; empty where it is not in the file.
std::string JournalFile::string_at(uint64_t address, size_t most) const {
  std::string result;
  for (uint64_t next = address; next != 0 && result.size() < most; ++next) {
    const char *c = at(next, 1);
    if (c == nullptr || *c == '\0') break;
    result += *c;
  }
  return result;
}

void JournalFile::read_modules() {
  // Addresses, no pointers: of nothing that is here.
  uint64_t next = address_of(header_.modules);
  while (next != 0 && modules_.size() < kMostModules) {
    const char *bytes = at(next, sizeof(JournalModule));
    if (bytes == nullptr) return;
    JournalModule module;
    memcpy(static_cast<void *>(&module), bytes, sizeof module);
    terminate_text(module.build_id);
    std::string path = string_at(next + offsetof(JournalModule, path), 4096);
    if (path.empty()) path = header_.exe;
    modules_.push_back({module.start, module.end, module.bias, path, module.build_id});
    next = address_of(module.older);
  }
}

Place JournalFile::place_of(const void *address) const {
  const uint64_t at = address_of(address);
  for (const Module &module : modules_)
    if (at >= module.start && at < module.end) return {module.path, module.build_id, at - module.bias};
  return {"", "", at};
}

bool JournalFile::read_declared(const Entry &entry, JournalEntry &result) const {
  const char *bytes = at(address_of(entry.declared), sizeof(Declared));
  if (bytes == nullptr) return false;
  Declared declared;
  memcpy(static_cast<void *>(&declared), bytes, sizeof declared);
  if (declared.action > Action::flush || declared.when > Declared::When::forced ||
      !is_bool(declared.children) || !is_bool(declared.daemon) || declared.signal < 0 || declared.signal > 64)
    return false;
  std::string_view *const texts[] = {&declared.name, &declared.argument, &declared.text, &declared.directory};
  result.texts.reserve(std::size(texts));
  for (std::string_view *text : texts) {
    const std::optional<std::string> copy = text_at(text->data(), text->size());
    if (!copy || copy->find('\0') != std::string::npos) return false;
    *text = result.texts.emplace_back(*copy);
  }
  result.name = declared.name;
  result.declared = declared;
  return true;
}

std::optional<JournalEntry> JournalFile::read_entry(const Entry &entry, size_t place) const {
  JournalEntry result = {};
  result.source = entry.source;
  result.state = entry.state;
  result.reason = entry.reason;
  if (result.source > Source::language || result.state > State::cancelled || result.reason > Reason::vanished)
    return std::nullopt;
  result.registered_ms = entry.registered_ms;
  result.turn = entry.turn;
  result.state_offset = offset_of(place) + offsetof(Entry, state);
  const bool children = entry.source == Source::api && (entry.flags & AXSHIM_CHILDREN) != 0;
  result.inherited = entry.generation != header_.generation && !children;
  result.registered_by = place_of(entry.registered_by);
  result.error = string_at(address_of(error_of(entry)), 4096);
  if (is_declared(entry)) {
    if (!read_declared(entry, result)) return std::nullopt;
    if (result.declared->daemon) result.inherited = header_.daemon_entries == DaemonEntries::not_own;
    if (result.declared->children) result.inherited = false;
    return result;
  }
  result.function = place_of(entry.function);
  if (!has_name(entry) && (entry.flags & kNamedByCode) == 0) return result;
  if (entry.source != Source::api) return result;
  const uint64_t held = address_of(entry.block) + offsetof(Block, bytes);
  if (has_name(entry)) {
    result.name = string_at(held, 255);
  } else if (const char *code = at(held, sizeof(void *))) {
    const void *address;
    memcpy(&address, code, sizeof address);
    result.function = place_of(address);
  }
  return result;
}

void JournalFile::find_segments() {
  std::vector<const JournalRegion *> segments;
  for (const JournalRegion &region : header_.region)
    if (region.size != 0 && region.segment != kNoSegment) segments.push_back(&region);
  std::sort(segments.begin(), segments.end(),
            [](const JournalRegion *a, const JournalRegion *b) { return a->segment < b->segment; });
  for (const JournalRegion *segment : segments) {
    segments_.push_back({size_, segment->offset});
    size_ += segment->size / sizeof(Entry);
  }
}

// Texts that entries share would make more of a file than it holds.
void JournalFile::check_entries() {
  uint64_t texts = 0;
  for (size_t place = 0; place < size_; ++place) {
    Entry entry;
    if (!read_place(place, entry)) continue;
    const std::optional<JournalEntry> readable = read_entry(entry, place);
    if (!readable) ++unreadable_;
    if (readable) texts += readable->error.size();
    if (readable && readable->declared)
      texts += readable->name.size() + readable->declared->argument.size() + readable->declared->text.size();
    if (texts > kMostOfTexts * file_size_) refuse("damaged: its texts are longer than it is");
  }
}

uint64_t JournalFile::offset_of(size_t place) const {
  const auto after = std::upper_bound(segments_.begin(), segments_.end(), place,
                                      [](size_t it, const Segment &segment) { return it < segment.first; });
  const Segment &segment = *std::prev(after);
  return segment.offset + (place - segment.first) * sizeof(Entry);
}

// False where there is none.
bool JournalFile::read_place(size_t place, Entry &entry) const {
  const char *bytes = read(entries_, offset_of(place), sizeof entry);
  if (bytes == nullptr) return false;
  memcpy(static_cast<void *>(&entry), bytes, sizeof entry);
  return entry.state != State::free && entry.state != State::cancelled && entry.source != Source::language;
}

std::optional<JournalEntry> JournalFile::entry(size_t place) const {
  Entry entry;
  return read_place(place, entry) ? read_entry(entry, place) : std::nullopt;
}

}  // namespace axshim::tool
