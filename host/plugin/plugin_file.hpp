#pragma once

#include <filesystem>
#include <string>

#include "core/base/result.hpp"

namespace leeward {

/// A plugin's file, read once: what was checked is what is loaded, whatever becomes of the file meanwhile.
struct PluginFile {
  std::string path;  ///< as the user would name it
  std::string bytes;

  /// Refuses what is no regular file, what somebody else could have written (the message prints the chmod), and what
  /// cannot be a plugin of this machine. Codes plugin.unreadable, plugin.permissions, plugin.not_a_plugin.
  [[nodiscard]] static Result<PluginFile> read(const std::filesystem::path& path);
};

/// A folder whose files may be loaded: it exists, is a folder, and nobody else can put files there. Codes
/// plugin.no_folder, plugin.permissions.
[[nodiscard]] Status check_plugin_folder(const std::filesystem::path& folder);

}  // namespace leeward
