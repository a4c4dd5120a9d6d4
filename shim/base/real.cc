#include "base/real.h"

#include <link.h>
#include <string.h>

#include "base/objects.h"

namespace axshim {
namespace {

// The exported symbols of one object, through its GNU hash table.
class Exports {
 public:
  explicit Exports(const link_map *object) : bias_(object->l_addr) {
    for (const ElfW(Dyn) *entry = object->l_ld; entry->d_tag != DT_NULL; ++entry) {
      if (entry->d_tag == DT_SYMTAB) symbols_ = reinterpret_cast<const ElfW(Sym) *>(entry->d_un.d_ptr);
      if (entry->d_tag == DT_STRTAB) strings_ = reinterpret_cast<const char *>(entry->d_un.d_ptr);
      if (entry->d_tag == DT_VERSYM) versions_ = reinterpret_cast<const ElfW(Half) *>(entry->d_un.d_ptr);
      if (entry->d_tag == DT_GNU_HASH) hash_ = reinterpret_cast<const uint32_t *>(entry->d_un.d_ptr);
    }
  }

  // The default version of `name`, or nullptr.
  void *find(const char *name, uint32_t hash) const {
    // The loader has relocated these pointers in all but the vDSO, which has nothing that we want.
    if (hash_ == nullptr || symbols_ == nullptr || strings_ == nullptr ||
        reinterpret_cast<uintptr_t>(hash_) < bias_)
      return nullptr;
    const uint32_t bucket_count = hash_[0], first_hashed = hash_[1], bloom_words = hash_[2];
    const uint32_t *buckets = hash_ + 4 + bloom_words * (sizeof(ElfW(Addr)) / sizeof(uint32_t));
    const uint32_t *chain = buckets + bucket_count;
    uint32_t index = buckets[hash % bucket_count];
    if (index == 0) return nullptr;
    for (;; ++index) {
      const uint32_t hashed = chain[index - first_hashed];
      if ((hashed | 1) == (hash | 1) && is_default(index) &&
          strcmp(strings_ + symbols_[index].st_name, name) == 0)
        return reinterpret_cast<void *>(bias_ + symbols_[index].st_value);
      if ((hashed & 1) != 0) return nullptr;
    }
  }

 private:
  static constexpr ElfW(Half) kHidden = 0x8000;  // an old version, for programs linked with it

  bool is_default(uint32_t index) const {
    return symbols_[index].st_shndx != SHN_UNDEF &&
           (versions_ == nullptr || (versions_[index] & kHidden) == 0);
  }

  uintptr_t bias_;
  const ElfW(Sym) *symbols_ = nullptr;
  const char *strings_ = nullptr;
  const ElfW(Half) *versions_ = nullptr;
  const uint32_t *hash_ = nullptr;
};

uint32_t hash_of(const char *name) {
  uint32_t hash = 5381;
  for (; *name != '\0'; ++name) hash = hash * 33 + static_cast<unsigned char>(*name);
  return hash;
}

const link_map *find_behind_us(const char *wanted) {
  for (const link_map *object = own_link_map()->l_next; object != nullptr; object = object->l_next) {
    const char *name = strrchr(object->l_name, '/');
    if (strcmp(name != nullptr ? name + 1 : object->l_name, wanted) == 0) return object;
  }
  return nullptr;
}

}  // namespace

void *find_next(const char *name) {
  const uint32_t hash = hash_of(name);
  for (const link_map *object = own_link_map()->l_next; object != nullptr; object = object->l_next)
    if (void *found = Exports(object).find(name, hash)) return found;
  return nullptr;
}

void *find_in_libc(const char *name) {
  const link_map *const libc = find_behind_us("libc.so.6");
  if (libc == nullptr) return find_next(name);
  if (void *found = find_in_object(libc, name)) return found;
  const link_map *const libpthread = find_behind_us("libpthread.so.0");
  return libpthread != nullptr ? find_in_object(libpthread, name) : nullptr;
}

void *find_in_object(const link_map *object, const char *name) {
  return Exports(object).find(name, hash_of(name));
}

const char *libc::error_text(int error) {
  const char *text = nullptr;
  if (strerrordesc_np) {
    text = strerrordesc_np(error);
  } else {  // the table behind it was exported then
    const auto *count = static_cast<const int *>(find_in_libc("_sys_nerr"));
    const auto *texts = static_cast<const char *const *>(find_in_libc("_sys_errlist"));
    if (count != nullptr && texts != nullptr && error >= 0 && error < *count) text = texts[error];
  }
  return text != nullptr ? text : "Unknown error";
}

}  // namespace axshim
