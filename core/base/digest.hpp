#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace leeward {

/// Digests of bytes: OpenSSL's only door in core. Pure, thread-safe.

/// FIPS 180-4. For stable numbers and for names of contents, never where somebody may gain by a collision.
[[nodiscard]] std::array<std::uint8_t, 20> sha1(std::string_view bytes);

/// FIPS 180-4, as 64 lower-case hexadecimal digits: names contents also where somebody would gain by a collision.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

}  // namespace leeward
