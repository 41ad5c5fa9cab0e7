#pragma once

#include <cerrno>
#include <string_view>
#include <unistd.h>

namespace leeward {

/// Writes all of it to a file or a pipe that blocks; false, with errno, if it does not take all.
[[nodiscard]] inline bool write_all(int fd, std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace leeward
