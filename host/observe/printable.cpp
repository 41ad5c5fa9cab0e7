#include "host/observe/printable.hpp"

#include <cstdint>
#include <cstdio>

#include "core/base/utf8.hpp"

namespace leeward {
namespace {

/// REQUIRES: `sequence` is one well-formed sequence.
std::uint32_t code_point(std::string_view sequence) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(sequence[i])); };
  switch (sequence.size()) {
    case 1: return byte(0);
    case 2: return (byte(0) & 0x1fu) << 6 | (byte(1) & 0x3fu);
    case 3: return (byte(0) & 0x0fu) << 12 | (byte(1) & 0x3fu) << 6 | (byte(2) & 0x3fu);
    default: return (byte(0) & 0x07u) << 18 | (byte(1) & 0x3fu) << 12 | (byte(2) & 0x3fu) << 6 | (byte(3) & 0x3fu);
  }
}

bool is_control(std::uint32_t c) {
  const bool direction = (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f;
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || direction || c == 0x2028 || c == 0x2029 || c == 0xfeff;
}

void append_escape(std::string& out, std::uint32_t c) {
  if (c == '\n') {
    out += "\\n";
  } else if (c == '\t') {
    out += "\\t";
  } else if (c == '\r') {
    out += "\\r";
  } else {
    char text[16];
    std::snprintf(text, sizeof text, c < 0x100 ? "\\x%02x" : "\\u%04x", static_cast<unsigned>(c));
    out += text;
  }
}

std::size_t width_of(std::uint32_t c) {
  struct Range {
    std::uint32_t first, last;
  };
  static constexpr Range kNone[] = {{0x0300, 0x036f}, {0x200b, 0x200d}, {0xfe00, 0xfe0f}};
  static constexpr Range kTwo[] = {{0x1100, 0x115f},   {0x2e80, 0xa4cf},  {0xac00, 0xd7a3}, {0xf900, 0xfaff},
                                   {0xfe30, 0xfe6f},   {0xff00, 0xff60},  {0xffe0, 0xffe6}, {0x1f300, 0x1f64f},
                                   {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};
  for (const Range& r : kNone) {
    if (c >= r.first && c <= r.last) return 0;
  }
  for (const Range& r : kTwo) {
    if (c >= r.first && c <= r.last) return 2;
  }
  return 1;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t n = utf8_sequence(text);
    if (n == 0) {
      out += "\uFFFD";
      text.remove_prefix(1);
      continue;
    }
    const std::uint32_t c = code_point(text.substr(0, n));
    is_control(c) ? append_escape(out, c) : static_cast<void>(out.append(text.substr(0, n)));
    text.remove_prefix(n);
  }
  return out;
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const std::size_t n = utf8_sequence(text);
    columns += n == 0 ? 1 : width_of(code_point(text.substr(0, n)));
    text.remove_prefix(n == 0 ? 1 : n);
  }
  return columns;
}

std::string shortened(std::string_view text, std::size_t columns) {
  if (columns_of(text) <= columns) return std::string{text};
  std::string out;
  std::size_t used = 1;  // the ellipsis
  while (!text.empty()) {
    const std::size_t n = utf8_sequence(text);
    const std::size_t width = n == 0 ? 1 : width_of(code_point(text.substr(0, n)));
    if (used + width > columns) break;
    out.append(text.substr(0, n == 0 ? 1 : n));
    used += width;
    text.remove_prefix(n == 0 ? 1 : n);
  }
  return columns == 0 ? std::string{} : out + "…";
}

std::string end_of(std::string_view text, std::size_t columns) {
  std::size_t total = columns_of(text);
  if (total <= columns) return std::string{text};
  if (columns == 0) return {};
  while (total > columns - 1) {
    const std::size_t n = utf8_sequence(text);
    total -= n == 0 ? 1 : width_of(code_point(text.substr(0, n)));
    text.remove_prefix(n == 0 ? 1 : n);
  }
  return "…" + std::string{text};
}

std::string padded(std::string_view text, std::size_t columns) {
  std::string out = shortened(text, columns);
  out.append(columns - columns_of(out), ' ');
  return out;
}

}  // namespace leeward
