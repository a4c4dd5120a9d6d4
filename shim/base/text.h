// A formatter on a buffer of the caller's: no heap, no locale, no stdio. What does not fit is dropped and
// remembered, the text stays terminated. Signal-safe.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <string_view>

namespace axshim {

class Text {
 public:
  Text(char *buffer, size_t capacity) : data_(buffer), capacity_(capacity) { data_[0] = '\0'; }
  template <size_t N>
  explicit Text(char (&buffer)[N]) : Text(buffer, N) {}

  Text &operator<<(std::string_view s) {
    const size_t room = capacity_ - 1 - size_, length = s.size() < room ? s.size() : room;
    __builtin_memcpy(data_ + size_, s.data(), length);
    data_[size_ += length] = '\0';
    truncated_ = truncated_ || length < s.size();
    return *this;
  }
  Text &operator<<(char c) {
    if (size_ + 1 < capacity_) {
      data_[size_++] = c;
      data_[size_] = '\0';
    } else {
      truncated_ = true;
    }
    return *this;
  }
  // Decimal, padded with zeros to `width`.
  Text &dec(int64_t value, int width = 0) {
    if (value < 0) *this << '-';
    return digits(value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value), 10, width);
  }
  Text &hex(uint64_t value) { return (*this << "0x").digits(value, 16, 0); }
  void resize(size_t size) {
    if (size < size_) data_[size_ = size] = '\0';
  }
  std::string_view view() const { return {data_, size_}; }
  const char *c_str() const { return data_; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  bool truncated() const { return truncated_; }

 private:
  Text &digits(uint64_t value, unsigned base, int width) {
    char reversed[24];
    int n = 0;
    do reversed[n++] = "0123456789abcdef"[value % base];
    while ((value /= base) != 0);
    while (width-- > n) *this << '0';
    while (n > 0) *this << reversed[--n];
    return *this;
  }

  char *data_;
  size_t capacity_;
  size_t size_ = 0;
  bool truncated_ = false;
};

}  // namespace axshim
