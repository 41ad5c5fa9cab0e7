#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "core/base/result.hpp"

namespace leeward {

/// Small files of the home folder that decide what is trusted: nobody else may be able to write them.

/// All of it. Code file.missing if it is not there; home.unreadable (too large, no regular file, no permission),
/// file.permissions (it is not ours alone to write).
[[nodiscard]] Result<std::string> read_state_file(const std::filesystem::path& path,
                                                  std::size_t max_bytes = std::size_t{64} << 20);

/// Puts a whole new file in its place, mode 0600: readers see the old or the new one, also after a power cut. Makes its
/// folder (0700) if it is not there. Code file.unwritable; then the old one stands.
[[nodiscard]] Status write_state_file(const std::filesystem::path& path, const std::string& text);

/// Keeps other processes from changing the folder's files at the same time, while it lives. Who cannot lock goes on.
class StateFolderLock {
 public:
  explicit StateFolderLock(const std::filesystem::path& folder);
  ~StateFolderLock();
  StateFolderLock(const StateFolderLock&) = delete;
  StateFolderLock& operator=(const StateFolderLock&) = delete;

 private:
  int fd_;
};

}  // namespace leeward
