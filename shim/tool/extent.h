// Parts of files, and files of our own for what may be too large for memory.
#pragma once

#include <stdint.h>
#include <stdio.h>

#include <iterator>
#include <memory>
#include <string>
#include <string_view>

namespace axshim::tool {

// Of an open file that its owner keeps open. What somebody cuts off meanwhile reads as its end.
struct Extent {
  int fd = -1;
  uint64_t begin = 0;
  uint64_t size = 0;

  Extent from(uint64_t offset) const { return {fd, begin + offset, size - offset}; }
};

// At most so much of its beginning.
std::string head_of(const Extent &, size_t most);

// Its characters, read as they are asked for.
class Characters {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char *;
  using reference = const char &;

  Characters() = default;  // the end
  explicit Characters(const Extent &extent);
  reference operator*() const { return *at_; }
  Characters &operator++() {
    if (++at_ == end_) fill();
    return *this;
  }
  bool operator==(const Characters &other) const { return at_ == other.at_; }

 private:
  struct Source;
  void fill();

  std::shared_ptr<Source> source_;
  const char *at_ = nullptr, *end_ = nullptr;
};

// Text that is written later, in a file without a name once it is long. Throws std::system_error.
class Spool {
 public:
  void append(std::string_view text);
  // JSON that a terminal may see, whoever wrote it.
  void append_json(const Extent &);

  // What came from that size on, or all.
  uint64_t size() const { return size_; }
  Extent since(uint64_t begin);
  // All, as long as nothing else is asked of it.
  std::string_view view();

 private:
  void flush();

  std::string text_;  // not yet in the file
  std::unique_ptr<FILE, int (*)(FILE *)> file_{nullptr, fclose};
  uint64_t size_ = 0;
  std::shared_ptr<const char> mapping_;
};

}  // namespace axshim::tool
