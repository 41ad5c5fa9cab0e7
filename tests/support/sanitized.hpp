#pragma once

namespace leeward::test {

/// Whether this is a build with a sanitizer: it is some ten times slower, has terabytes of addresses, and ends a process
/// that crashes in its own way.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace leeward::test
