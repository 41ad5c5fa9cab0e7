#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace leeward {

/// A byte of a decoded text, and the bytes of the source that it stands for: [begin, end).
struct DecodedByte {
  unsigned char byte;
  std::uint64_t begin;
  std::uint64_t end;
  [[nodiscard]] bool plain() const noexcept { return end - begin == 1; }
};

/// What one byte, or the end, brought out. A fixed place, since this runs for every byte of a text.
struct DecodedBytes {
  static constexpr std::size_t kMost = 64;
  DecodedBytes() {}  // what is beyond `size` stays as it is: clearing it would cost more than all the rest
  std::array<DecodedByte, kMost> bytes;
  std::size_t size = 0;
  void push(DecodedByte byte) noexcept { bytes[size++] = byte; }
};

/// Undoes one layer of escaping, byte by byte. What only looks like an escape passes as it is. Used by one thread.
class EscapeDecoder {
 public:
  enum class Kind : std::uint8_t {
    url,   ///< %41, in either case
    form,  ///< the same, and '+' for a space
    json,  ///< \n \" \/ \u0041, pairs of surrogates; also \x41 and \', as other languages write it
  };
  explicit EscapeDecoder(Kind kind) noexcept : kind_(kind) {}

  /// Whether the byte begins something that is not simply itself.
  [[nodiscard]] static bool escapes(Kind kind, unsigned char byte) noexcept {
    return kind == Kind::json ? byte == '\\' : byte == '%' || (kind == Kind::form && byte == '+');
  }
  [[nodiscard]] Kind kind() const noexcept { return kind_; }

  void take(DecodedByte byte, DecodedBytes& out);
  /// No more bytes come: what is kept is no escape.
  void finish(DecodedBytes& out);

  [[nodiscard]] bool idle() const noexcept { return size_ == 0; }
  /// Where the escape begins that is not whole yet. REQUIRES: !idle().
  [[nodiscard]] std::uint64_t begin() const noexcept { return kept_[0].begin; }

 private:
  struct Unit;
  [[nodiscard]] Unit url_unit() const noexcept;
  [[nodiscard]] Unit json_unit() const noexcept;
  [[nodiscard]] int hex_at(std::size_t first, std::size_t digits) const noexcept;
  void drop(std::size_t count) noexcept;

  Kind kind_;
  std::array<DecodedByte, 12> kept_{};  ///< as long as the longest escape
  std::size_t size_ = 0;
};

}  // namespace leeward
