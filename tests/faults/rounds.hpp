#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>

namespace leeward::test {

/// How often a test of chance is repeated: as often as it says, or LEEWARD_FAULT_ROUNDS times (each part of it) for a
/// soak.
inline std::uint64_t rounds(std::uint64_t usual) {
  const char* const asked = std::getenv("LEEWARD_FAULT_ROUNDS");
  return asked != nullptr ? std::strtoull(asked, nullptr, 10) : usual;
}

/// Where its seeds begin: LEEWARD_FAULT_SEED, to see one again that a message names.
inline std::uint64_t first_seed() {
  const char* const asked = std::getenv("LEEWARD_FAULT_SEED");
  return asked != nullptr ? std::strtoull(asked, nullptr, 10) : 1;
}

}  // namespace leeward::test
