#include "host/secret/secret_encodings.hpp"

#include <cstddef>
#include <cstdint>

namespace leeward {
namespace {

constexpr std::string_view kStandard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Without padding. The bits that the last letter lacks are zero.
std::string base64(std::string_view bytes, std::string_view alphabet) {
  std::string out;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char byte : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(byte);
    for (held += 8; held >= 6; held -= 6) out += alphabet[bits >> (held - 6) & 63];
    bits &= 255;
  }
  if (held > 0) out += alphabet[bits << (6 - held) & 63];
  return out;
}

void add_base64(std::string_view secret, std::string_view alphabet, std::vector<std::string>& out) {
  for (std::size_t before = 0; before < 3; ++before) {
    const std::string text = base64(std::string(before, '\0').append(secret), alphabet);
    const std::size_t bytes = before + secret.size();
    const std::size_t first = before == 0 ? 0 : before + 1;  // letters that also depend on what stands before
    const std::size_t whole = bytes * 8 / 6;                 // the next one depends on what follows
    out.push_back(text.substr(first, whole - first));
    if (bytes % 3 == 0) continue;
    out.push_back(text.substr(first));
    out.push_back(text.substr(first).append(3 - bytes % 3, '='));
  }
}

std::string hex(std::string_view bytes, const char* digits) {
  std::string out;
  for (const char byte : bytes) {
    out += digits[static_cast<unsigned char>(byte) >> 4];
    out += digits[static_cast<unsigned char>(byte) & 15];
  }
  return out;
}

}  // namespace

std::vector<std::string> encodings_of(std::string_view secret) {
  std::vector<std::string> out{std::string{secret}, hex(secret, "0123456789abcdef"), hex(secret, "0123456789ABCDEF")};
  add_base64(secret, kStandard, out);
  add_base64(secret, kUrl, out);
  return out;
}

}  // namespace leeward
