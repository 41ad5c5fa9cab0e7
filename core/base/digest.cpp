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

}  // namespace leeward
