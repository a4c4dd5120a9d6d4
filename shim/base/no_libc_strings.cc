// The string functions that this library and what is linked into it use, plain. libc's are chosen for the
// processor when the program starts, each by a look-up and a call: more time than all that they do here.
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)
#ifndef __clang__                                         // clang-tidy reads this too
#pragma GCC optimize("no-tree-loop-distribute-patterns")  // or each loop would become a call of itself
#endif
extern "C" {

void *memmove(void *to, const void *from, size_t size) noexcept {
  auto *out = static_cast<unsigned char *>(to);
  const auto *in = static_cast<const unsigned char *>(from);
  if (reinterpret_cast<uintptr_t>(out) - reinterpret_cast<uintptr_t>(in) >= size) {
    for (uint64_t word; size >= sizeof word; size -= sizeof word, in += sizeof word, out += sizeof word) {
      __builtin_memcpy(&word, in, sizeof word);
      __builtin_memcpy(out, &word, sizeof word);
    }
    while (size-- > 0) *out++ = *in++;
  } else {
    while (size-- > 0) out[size] = in[size];
  }
  return to;
}

void *memcpy(void *__restrict to, const void *__restrict from, size_t size) noexcept {
  return memmove(to, from, size);
}

void *memset(void *to, int value, size_t size) noexcept {
  auto *out = static_cast<unsigned char *>(to);
  while (size-- > 0) *out++ = static_cast<unsigned char>(value);
  return to;
}

int memcmp(const void *a, const void *b, size_t size) noexcept {
  const auto *x = static_cast<const unsigned char *>(a), *y = static_cast<const unsigned char *>(b);
  for (; size > 0; --size, ++x, ++y)
    if (*x != *y) return *x - *y;
  return 0;
}

void *memchr(const void *text, int wanted, size_t size) noexcept {
  const auto *at = static_cast<const unsigned char *>(text);
  for (; size > 0; --size, ++at)
    if (*at == static_cast<unsigned char>(wanted)) return const_cast<unsigned char *>(at);
  return nullptr;
}

size_t strnlen(const char *text, size_t most) noexcept {
  size_t size = 0;
  while (size < most && text[size] != '\0') ++size;
  return size;
}

size_t strlen(const char *text) noexcept { return strnlen(text, SIZE_MAX); }

int strncmp(const char *a, const char *b, size_t most) noexcept {
  for (; most > 0; --most, ++a, ++b)
    if (*a != *b || *a == '\0') return static_cast<unsigned char>(*a) - static_cast<unsigned char>(*b);
  return 0;
}

int strcmp(const char *a, const char *b) noexcept { return strncmp(a, b, SIZE_MAX); }

char *strcpy(char *__restrict to, const char *__restrict from) noexcept {
  memmove(to, from, strlen(from) + 1);
  return to;
}

char *strchr(const char *text, int wanted) noexcept {
  for (;; ++text) {
    if (*text == static_cast<char>(wanted)) return const_cast<char *>(text);
    if (*text == '\0') return nullptr;
  }
}

char *strrchr(const char *text, int wanted) noexcept {
  const char *last = nullptr;
  for (;; ++text) {
    if (*text == static_cast<char>(wanted)) last = text;
    if (*text == '\0') return const_cast<char *>(last);
  }
}

}  // extern "C"
#pragma GCC visibility pop
