#include "core/base/unique_id.hpp"

#include <algorithm>
#include <random>

namespace leeward {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kLength = 26;
constexpr std::size_t kTimeDigits = 10;
constexpr std::int64_t kNsPerMs = 1'000'000;

}  // namespace

std::string unique_id(Timestamp time, const UniqueIdRandom& random) {
  std::string out(kLength, '0');
  auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(0, time.unix_ns / kNsPerMs));
  for (std::size_t i = kTimeDigits; i-- > 0; ms >>= 5) out[i] = kDigits[ms & 31];
  // Five bytes are eight digits.
  for (std::size_t half = 0; half < 2; ++half) {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < 5; ++i) bits = bits << 8 | random[half * 5 + i];
    for (std::size_t i = 8; i-- > 0; bits >>= 5) out[kTimeDigits + half * 8 + i] = kDigits[bits & 31];
  }
  return out;
}

UniqueIdRandom system_random() {
  std::random_device device;
  UniqueIdRandom out;
  for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(device());
  return out;
}

std::optional<Timestamp> unique_id_time(std::string_view id) {
  if (id.size() != kLength || id[0] > '7') return std::nullopt;
  std::uint64_t ms = 0;
  for (std::size_t i = 0; i < kLength; ++i) {
    const char upper = id[i] >= 'a' && id[i] <= 'z' ? static_cast<char>(id[i] - 'a' + 'A') : id[i];
    const std::size_t digit = kDigits.find(upper);
    if (digit == kDigits.npos) return std::nullopt;
    if (i < kTimeDigits) ms = ms << 5 | digit;
  }
  if (ms > static_cast<std::uint64_t>(INT64_MAX / kNsPerMs)) return std::nullopt;
  return Timestamp{static_cast<std::int64_t>(ms) * kNsPerMs};
}

}  // namespace leeward
