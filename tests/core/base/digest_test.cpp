#include "core/base/digest.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace leeward;

namespace {
std::string hex(std::string_view bytes) {
  std::string out;
  for (const std::uint8_t byte : sha1(bytes)) {
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}
}  // namespace

TEST_CASE("SHA-1 gives the digests of its standard", "[base]") {
  CHECK(hex("") == "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  CHECK(hex("abc") == "a9993e364706816aba3e25717850c26c9cd0d89d");
  CHECK(hex(std::string(1'000'000, 'a')) == "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}
