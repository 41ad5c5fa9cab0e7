#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace leeward {

/// By what a file is known to be the same and unchanged, without reading it. That a file was changed cannot be hidden
/// from `changed_ns`, which nobody can set.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;  ///< contents, name, owner or permissions
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

/// A plugin's file, read once: what was checked is what is loaded, whatever becomes of the file meanwhile.
struct PluginFile {
  std::string path;  ///< as the user would name it
  std::string bytes;
  FileIdentity identity;  ///< of what was read

  /// Refuses what is no regular file, what somebody else could have written or put there, by its own permissions or
  /// those of a folder above it (the message prints the chmod), and what cannot be a plugin of this machine. Links are
  /// followed first; a pipe keeps nobody waiting. Codes plugin.unreadable, plugin.permissions, plugin.not_a_plugin.
  [[nodiscard]] static Result<PluginFile> read(const std::filesystem::path& path);

  /// The same checks, but for those of the contents. Codes plugin.unreadable, plugin.permissions.
  [[nodiscard]] static Result<FileIdentity> identify(const std::filesystem::path& path);

  [[nodiscard]] std::string sha256() const;  ///< of the bytes, 64 hexadecimal digits
};

/// A folder whose files may be loaded: it exists, is a folder, and nobody else can put files there. Codes
/// plugin.no_folder, plugin.permissions.
[[nodiscard]] Status check_plugin_folder(const std::filesystem::path& folder);

/// Every *.so of the folder but hidden ones, sorted by name. Nothing if it cannot be looked into.
[[nodiscard]] std::vector<std::filesystem::path> plugin_files_in(const std::filesystem::path& folder);

}  // namespace leeward
