#include "tests/support/canary.hpp"

#include <cstdio>
#include <functional>

namespace leeward::test {
namespace {

std::string each(const std::string& text, const std::function<std::string(unsigned char)>& write) {
  std::string out;
  for (const char c : text) out += write(static_cast<unsigned char>(c));
  return out;
}

std::string printed(const char* format, unsigned number) {
  char text[16];
  std::snprintf(text, sizeof text, format, number);
  return text;
}

std::string base64(const std::string& text, const char* alphabet, bool padded) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    unsigned group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) {
      if (i + k <= text.size()) {
        out += alphabet[group >> (18 - 6 * k) & 63];
      } else if (padded) {
        out += '=';
      }
    }
  }
  return out;
}

constexpr const char* kStandard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr const char* kUrl = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

bool unreserved(unsigned char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '.';
}

std::string url(const std::string& text, const char* format, const char* blank) {
  return each(text, [&](unsigned char c) {
    return c == ' ' ? std::string{blank} : unreserved(c) ? std::string(1, static_cast<char>(c)) : printed(format, c);
  });
}

std::string json(const std::string& text, bool slashes) {
  return each(text, [&](unsigned char c) {
    if (c == '"' || c == '\\' || (slashes && c == '/')) return std::string{'\\', static_cast<char>(c)};
    return c < 0x20 ? printed("\\u%04x", c) : std::string(1, static_cast<char>(c));
  });
}

/// Every character as JSON may escape it, by four hexadecimal digits.
std::string json_all(const std::string& text, const char* format) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    unsigned code = bytes == 1 ? lead : lead & (0x7Fu >> bytes);
    for (std::size_t k = 1; k < bytes; ++k) code = code << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3Fu);
    if (code >= 0x10000) {
      out += printed(format, 0xD7C0u + (code >> 10));
      code = 0xDC00u + (code & 0x3FFu);
    }
    out += printed(format, code);
    i += bytes;
  }
  return out;
}

std::string hex(const std::string& text, const char* format) {
  return each(text, [&](unsigned char c) { return printed(format, c); });
}

}  // namespace

std::vector<std::pair<std::string, std::string>> forms_of(const std::string& secret) {
  return {
      {"raw", secret},
      {"base64", base64(secret, kStandard, true)},
      {"base64 after one byte", base64("u" + secret, kStandard, true).substr(2)},
      {"base64 after two bytes", base64("u:" + secret, kStandard, true).substr(3)},
      {"base64url", base64(secret, kUrl, false)},
      {"base64url after one byte", base64("u" + secret, kUrl, false).substr(2)},
      {"base64url after two bytes", base64("u:" + secret, kUrl, false).substr(3)},
      {"URL, upper case", url(secret, "%%%02X", "%20")},
      {"URL, lower case", url(secret, "%%%02x", "%20")},
      {"form", url(secret, "%%%02X", "+")},
      {"URL, every byte", hex(secret, "%%%02X")},
      {"JSON", json(secret, false)},
      {"JSON with \\/", json(secret, true)},
      {"JSON, all \\u, lower case", json_all(secret, "\\u%04x")},
      {"JSON, all \\u, upper case", json_all(secret, "\\u%04X")},
      {"JSON in JSON", json(json(secret, true), true)},
      {"JSON in JSON in JSON", json(json(json(secret, true), true), true)},
      {"JSON with base64", json(base64(secret, kStandard, true), true)},
      {"JSON with URL", json(url(secret, "%%%02X", "%20"), true)},
      {"URL with JSON", url(json(secret, false), "%%%02X", "%20")},
      {"JSON with URL with JSON", json(url(json(secret, false), "%%%02X", "%20"), true)},
      {"URL with base64", url(base64(secret, kStandard, true), "%%%02X", "%20")},
      {"hex, lower case", hex(secret, "%02x")},
      {"hex, upper case", hex(secret, "%02X")},
      {"\\x escapes", hex(secret, "\\x%02x")},
  };
}

}  // namespace leeward::test
