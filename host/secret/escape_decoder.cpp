#include "host/secret/escape_decoder.hpp"

#include <algorithm>

#include "core/base/ascii.hpp"

namespace leeward {
namespace {

constexpr int kBroken = -1;
constexpr int kShort = -2;

}  // namespace

/// What the kept bytes begin with: an escape of `length` bytes that means `code`; with length 0 more bytes are needed,
/// and with length 1 and no code it is no escape at all.
struct EscapeDecoder::Unit {
  std::size_t length = 1;
  int code = -1;
  bool is_character = false;  ///< a code point, not a byte
};

/// The number, kBroken if a digit is none, kShort if there are too few yet.
int EscapeDecoder::hex_at(std::size_t first, std::size_t digits) const noexcept {
  int number = 0;
  for (std::size_t i = first; i < first + digits; ++i) {
    if (i >= size_) return kShort;
    const int digit = hex_value(static_cast<char>(kept_[i].byte));
    if (digit < 0) return kBroken;
    number = number * 16 + digit;
  }
  return number;
}

EscapeDecoder::Unit EscapeDecoder::url_unit() const noexcept {
  if (kept_[0].byte == '+') return {1, ' '};
  const int code = hex_at(1, 2);
  if (code == kShort) return {0};
  return code == kBroken ? Unit{} : Unit{3, code};
}

EscapeDecoder::Unit EscapeDecoder::json_unit() const noexcept {
  if (size_ < 2) return {0};
  switch (kept_[1].byte) {
    case '"':
    case '\'':
    case '\\':
    case '/': return {2, kept_[1].byte};
    case 'b': return {2, '\b'};
    case 'f': return {2, '\f'};
    case 'n': return {2, '\n'};
    case 'r': return {2, '\r'};
    case 't': return {2, '\t'};
    case 'x': {
      const int code = hex_at(2, 2);
      return code == kShort ? Unit{0} : code == kBroken ? Unit{} : Unit{4, code};
    }
    case 'u': break;
    default: return {};
  }
  const int high = hex_at(2, 4);
  if (high == kShort) return {0};
  if (high == kBroken || (high >= 0xDC00 && high <= 0xDFFF)) return {};
  if (high < 0xD800 || high > 0xDFFF) return {6, high, true};
  if (size_ < 8) return (size_ > 6 && kept_[6].byte != '\\') ? Unit{} : Unit{0};
  if (kept_[6].byte != '\\' || kept_[7].byte != 'u') return {};
  const int low = hex_at(8, 4);
  if (low == kShort) return {0};
  if (low < 0xDC00 || low > 0xDFFF) return {};
  return {12, 0x10000 + (high - 0xD800) * 0x400 + (low - 0xDC00), true};
}

void EscapeDecoder::drop(std::size_t count) noexcept {
  std::copy(kept_.begin() + static_cast<std::ptrdiff_t>(count), kept_.begin() + static_cast<std::ptrdiff_t>(size_),
            kept_.begin());
  size_ -= count;
}

void EscapeDecoder::take(DecodedByte byte, DecodedBytes& out) {
  if (size_ == 0 && !escapes(kind_, byte.byte)) return out.push(byte);
  kept_[size_++] = byte;
  while (size_ > 0) {
    if (!escapes(kind_, kept_[0].byte)) {
      out.push(kept_[0]);
      drop(1);
      continue;
    }
    const Unit unit = kind_ == Kind::json ? json_unit() : url_unit();
    if (unit.length == 0) return;
    if (unit.code < 0) {
      out.push(kept_[0]);
      drop(1);
      continue;
    }
    const std::uint64_t begin = kept_[0].begin;
    const std::uint64_t end = kept_[unit.length - 1].end;
    const auto push = [&](int code) { out.push({static_cast<unsigned char>(code), begin, end}); };
    const int code = unit.code;
    if (!unit.is_character || code < 0x80) {
      push(code);
    } else {
      if (code >= 0x10000) push(0xF0 | code >> 18);
      if (code >= 0x10000) push(0x80 | (code >> 12 & 63));
      if (code >= 0x800 && code < 0x10000) push(0xE0 | code >> 12);
      push(code >= 0x800 ? 0x80 | (code >> 6 & 63) : 0xC0 | code >> 6);
      push(0x80 | (code & 63));
    }
    drop(unit.length);
  }
}

void EscapeDecoder::finish(DecodedBytes& out) {
  for (std::size_t i = 0; i < size_; ++i) out.push(kept_[i]);
  size_ = 0;
}

}  // namespace leeward
