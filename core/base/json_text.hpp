#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <string>
#include <string_view>

namespace leeward {

// Reading single tokens out of JSON text. Private to core/base/json_*.cpp.

/// The place behind the number that begins at `at`, as JSON's grammar has it: of "01" it is "0".
[[nodiscard]] std::size_t json_number_end(std::string_view text, std::size_t at) noexcept;

/// True for a number with a fraction or an exponent, or one past 64 bits, that a double cannot stand for: it rounds to
/// infinity, or to zero though it is none.
[[nodiscard]] bool json_number_out_of_range(std::string_view number) noexcept;

/// True if the number has neither fraction nor exponent.
[[nodiscard]] bool json_number_is_whole(std::string_view number) noexcept;

/// The place behind the string that begins at `at`. REQUIRES: it is well-formed.
[[nodiscard]] std::size_t json_string_end(std::string_view text, std::size_t at) noexcept;

/// What stands between the quotes with its escapes undone. REQUIRES: it is well-formed.
[[nodiscard]] std::string json_unescaped(std::string_view inside);

/// The text with each number that rounds to infinity replaced by a harmless one of the same length. REQUIRES: the text
/// is well-formed up to the first of them.
[[nodiscard]] std::string json_without_overflows(std::string_view text);

/// Walks over JSON text for a parser that only has to check it: eight plain bytes inside a string, or eight blanks
/// behind a blank, are passed over at once, since what they are changes nothing. Takes the form of an input iterator.
class JsonSkim {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  JsonSkim(const char* at, const char* end) noexcept : at_(at), end_(end) {}

  reference operator*() const noexcept { return *at_; }
  JsonSkim& operator++() noexcept {
    const char c = *at_++;
    if (escaped_) {
      escaped_ = false;
      digits_ = c == 'u' ? 5 : 0;
    } else if (c == '"') {
      inside_ = !inside_;
    } else if (c == '\\') {
      escaped_ = inside_;
      return *this;
    }
    if (digits_ > 0) {  // part of the escape, and after half a pair the other half must follow
      --digits_;
    } else if (inside_ && static_cast<unsigned char>(c) < 0x80) {  // never within a character of several bytes
      while (end_ - at_ >= 8 && plain(at_)) at_ += 8;
    } else if (c == ' ') {
      while (end_ - at_ >= 8 && word(at_) == every(' ')) at_ += 8;
    }
    return *this;
  }
  friend bool operator==(const JsonSkim& a, const JsonSkim& b) noexcept { return a.at_ == b.at_; }

 private:
  static constexpr std::uint64_t every(unsigned char byte) noexcept { return 0x0101010101010101u * byte; }
  static std::uint64_t word(const char* at) noexcept {
    std::uint64_t out = 0;
    std::memcpy(&out, at, sizeof out);
    return out;
  }
  static constexpr std::uint64_t has_zero(std::uint64_t w) noexcept { return (w - every(1)) & ~w & every(0x80); }
  /// ASCII from the blank up, without '"' and '\'.
  static bool plain(const char* at) noexcept {
    const std::uint64_t w = word(at);
    const std::uint64_t odd = (w & every(0x80)) | ((w - every(0x20)) & ~w & every(0x80)) | has_zero(w ^ every('"')) |
                              has_zero(w ^ every('\\'));
    return odd == 0;
  }

  const char* at_;
  const char* end_;
  bool inside_ = false;
  bool escaped_ = false;
  int digits_ = 0;
};

}  // namespace leeward
