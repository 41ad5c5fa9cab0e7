#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "host/plugin/plugin_file.hpp"
#include "host/plugin/plugin_manifest.hpp"

namespace leeward {

/// What probes have found, kept on disk: HOME/cache/probes, if there is a HOME. Used by one thread; processes may share
/// the folder.
///
/// Two kinds of small files: `HASH_OF_PATH.file` says which contents a file has as long as it looks unchanged, so that
/// an unchanged plugin costs a stat and no hashing; `SHA256.json` says what those contents are, a manifest or the
/// reason to refuse them, so that a plugin that crashed is not run again under whatever name. What is damaged, of
/// another version of this program or not ours counts as not there, and is written anew. What cannot be written costs
/// time only.
class ProbeCache {
 public:
  /// `program` names the version that asks: what one found, another may see otherwise.
  ProbeCache(std::filesystem::path folder, std::string program);

  /// Of the contents of an unchanged file.
  [[nodiscard]] std::optional<std::string> sha256_of(const std::filesystem::path& file, const FileIdentity& now) const;
  void remember(const std::filesystem::path& file, const FileIdentity& identity, const std::string& sha256) const;

  /// What is known of these contents. `file` is for messages.
  [[nodiscard]] std::optional<Result<PluginManifest>> find(const std::string& sha256, const std::string& file) const;
  /// Keeps a manifest, and a refusal whose reason lies in the contents and not in this machine or this moment.
  void remember(const std::string& sha256, const Result<PluginManifest>& found) const;
  void forget(const std::string& sha256) const;

 private:
  std::filesystem::path folder_;
  std::string program_;
};

}  // namespace leeward
