#include "tool/extent.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>
#include <vector>

#include "tool/shown.h"

namespace axshim::tool {
namespace {

constexpr size_t kChunk = size_t{64} << 10;
constexpr size_t kInMemory = size_t{1} << 20;

// The next piece of it, of at most kChunk bytes; empty at its end.
std::string_view read_next(Extent &rest, std::vector<char> &buffer) {
  buffer.resize(std::min<uint64_t>(kChunk, rest.size));
  ssize_t size;
  do size = pread(rest.fd, buffer.data(), buffer.size(), static_cast<off_t>(rest.begin));
  while (size < 0 && errno == EINTR);
  if (size <= 0) return {};
  rest = rest.from(static_cast<uint64_t>(size));
  return {buffer.data(), static_cast<size_t>(size)};
}

}  // namespace

std::string head_of(const Extent &extent, size_t most) {
  std::string head;
  std::vector<char> buffer;
  Extent rest = {extent.fd, extent.begin, std::min<uint64_t>(extent.size, most)};
  for (std::string_view piece; !(piece = read_next(rest, buffer)).empty();) head += piece;
  return head;
}

struct Characters::Source {
  Extent rest;
  std::vector<char> buffer;
};

Characters::Characters(const Extent &extent) : source_(std::make_shared<Source>(extent)) { fill(); }

void Characters::fill() {
  const std::string_view piece = read_next(source_->rest, source_->buffer);
  at_ = piece.empty() ? nullptr : piece.data();
  end_ = piece.empty() ? nullptr : piece.data() + piece.size();
}

void Spool::append(std::string_view text) {
  text_ += text;
  size_ += text.size();
  if (text_.size() >= kInMemory) flush();
}

// A character may begin in one piece and end in the next.
void Spool::append_json(const Extent &extent) {
  TextSink sink;
  std::vector<char> buffer;
  std::string piece;
  Extent rest = extent;
  for (std::string_view next; !(next = read_next(rest, buffer)).empty();) {
    piece += next;
    size_t whole = piece.size();
    while (rest.size > 0 && whole > 0 && piece.size() - whole < 4 && (piece[whole - 1] & 0x80) != 0) --whole;
    sink.text.clear();
    append_json_escaped(sink, std::string_view(piece).substr(0, whole));
    piece.erase(0, whole);
    append(sink.text);
  }
}

void Spool::flush() {
  if (file_ == nullptr) file_.reset(tmpfile());
  if (file_ == nullptr || fwrite(text_.data(), 1, text_.size(), file_.get()) != text_.size() ||
      fflush(file_.get()) != 0)
    throw std::system_error(errno, std::generic_category(), "cannot write a temporary file");
  text_.clear();
}

Extent Spool::since(uint64_t begin) {
  flush();
  return {fileno(file_.get()), begin, size_ - begin};
}

std::string_view Spool::view() {
  if (file_ == nullptr) return text_;
  flush();
  mapping_.reset();
  void *start = mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fileno(file_.get()), 0);
  if (start == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "a temporary file");
  mapping_.reset(static_cast<const char *>(start),
                 [size = size_](const char *at) { munmap(const_cast<char *>(at), size); });
  return {mapping_.get(), size_};
}

}  // namespace axshim::tool
