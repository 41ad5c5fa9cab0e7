#include "core/base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace leeward {

void assertion_failed(const char* condition, const char* why, const char* file, int line) noexcept {
  std::fprintf(stderr, "leeward: internal error at %s:%d: %s (expected: %s)\n", file, line, condition, why);
  std::abort();
}

}  // namespace leeward
