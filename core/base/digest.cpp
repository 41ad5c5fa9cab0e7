#include "core/base/digest.hpp"

#include <openssl/evp.h>

#include "core/base/assert.hpp"

namespace leeward {

std::array<std::uint8_t, 20> sha1(std::string_view bytes) {
  std::array<std::uint8_t, 20> digest{};
  unsigned int size = 0;
  const int done = EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha1(), nullptr);
  LW_ASSERT(done == 1 && size == digest.size(), "libcrypto computes every digest that it knows");
  return digest;
}

std::string sha256_hex(std::string_view bytes) {
  std::array<std::uint8_t, 32> digest{};
  unsigned int size = 0;
  const int done = EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
  LW_ASSERT(done == 1 && size == digest.size(), "libcrypto computes every digest that it knows");
  constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : digest) text.append({kHex[byte >> 4], kHex[byte & 15u]});
  return text;
}

}  // namespace leeward
