#pragma once

#include <cstddef>
#include <string>

#include <sys/types.h>

#include "core/base/result.hpp"

namespace leeward {

/// A file that a user named, read whole.
struct TextFile {
  std::string text;
  mode_t mode = 0;  ///< its permission bits
  uid_t owner = 0;
};

/// Refuses folders, pipes and devices without waiting for them, and files over the limit without reading them. Codes
/// file.unreadable, file.too_large.
[[nodiscard]] Result<TextFile> read_text_file(const std::string& path, std::size_t max_bytes = std::size_t{64} << 20);

}  // namespace leeward
