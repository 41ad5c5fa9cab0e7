#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "host/plugin/plugin_manifest.hpp"

namespace leeward {

/// Which strangers' plugins a person has looked at and trusts, by their contents: HOME/plugins.lock, JSON in a stable
/// order, fit to be compared and kept beside DAGs. What ships with Leeward needs no entry. A value; one thread.
class PluginLock {
 public:
  struct Entry {
    std::string name;
    std::string version;
    std::string sha256;
    std::vector<std::string> operators;  ///< and callables; sorted
    std::string file;                    ///< its name, without folders
    friend bool operator==(const Entry&, const Entry&) = default;
  };

  /// What is there. Without a file it is empty. Code lock.damaged, with the place, and those of read_state_file().
  [[nodiscard]] static Result<PluginLock> read(const std::filesystem::path& file);
  [[nodiscard]] static Result<PluginLock> parse(const std::string& text, const std::string& file);
  [[nodiscard]] std::string json() const;
  /// Codes of write_state_file().
  [[nodiscard]] Status write(const std::filesystem::path& file) const;

  [[nodiscard]] static Entry entry_of(const PluginManifest& manifest, const std::string& sha256,
                                      const std::filesystem::path& file);
  [[nodiscard]] const std::vector<Entry>& entries() const noexcept { return entries_; }
  /// Null if there is none. By contents, by the plugin's name, and by the name of the file.
  [[nodiscard]] const Entry* with_sha256(std::string_view sha256) const;
  [[nodiscard]] const Entry* named(std::string_view plugin) const;
  [[nodiscard]] const Entry* of_file(std::string_view name) const;

  /// Adds or replaces the entry of that name; what that changes, in words: "added, 2 operators", "unchanged", "version
  /// 1.0 -> 1.1, operators added: x".
  std::string trust(Entry entry);

 private:
  std::vector<Entry> entries_;  ///< by name
};

}  // namespace leeward
