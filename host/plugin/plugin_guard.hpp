#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "host/plugin/plugin_file.hpp"
#include "host/plugin/plugin_lock.hpp"
#include "host/plugin/plugin_manifest.hpp"
#include "host/plugin/plugin_probe.hpp"
#include "host/plugin/probe_cache.hpp"

namespace leeward {

/// Stands between a stranger's file and its use: who could have written it, whether a person trusts its contents
/// (plugins.lock), what is in it (a probe, or what one found before). Nothing of the file runs in this process, and
/// under `locked` nothing of what is not trusted runs at all. Used by one thread.
class PluginGuard {
 public:
  struct Options {
    std::filesystem::path home;  ///< plugins.lock and cache/probes are there
    bool locked = false;         ///< only what plugins.lock trusts
    PluginProbe::Options probe;
    std::string home_option;  ///< what commands in messages say to find the same home, " --home DIR" or nothing
  };
  /// A file that may be used, as long as it has these contents.
  struct Admitted {
    PluginManifest manifest;  ///< entries without tables
    std::string sha256;
    std::optional<Error> warning;  ///< plugin.changed: plugins.lock knows it with other contents
  };
  /// What it took to tell about files so far.
  struct Effort {
    int files_read = 0;
    int probes = 0;
  };

  /// Codes lock.damaged, home.unreadable, file.permissions: plugins.lock cannot be relied on.
  [[nodiscard]] static Result<std::unique_ptr<PluginGuard>> open(Options options);

  /// Codes of PluginFile::read and PluginProbe::manifest_of; plugin.untrusted, plugin.changed (locked).
  [[nodiscard]] Result<Admitted> admit(const std::filesystem::path& path);
  /// The same, but what was found before does not count: a file that crashed is given another chance.
  [[nodiscard]] Result<Admitted> admit_anew(const std::filesystem::path& path);
  /// The file itself, to be loaded: by a runner, or here if the configuration says so. Refused if its contents are not
  /// those that were admitted. Codes of PluginFile::read, plugin.changed.
  [[nodiscard]] static Result<PluginFile> read_admitted(const std::filesystem::path& path, const std::string& sha256);

  [[nodiscard]] const PluginLock& lock() const noexcept { return lock_; }
  [[nodiscard]] const Effort& effort() const noexcept { return effort_; }

 private:
  PluginGuard(Options options, PluginLock lock);
  struct Contents {
    std::string sha256;
    std::optional<PluginFile> file;  ///< if it had to be read
  };
  Result<Contents> contents_of(const std::filesystem::path& path);
  Result<PluginManifest> manifest_of(const std::filesystem::path& path, Contents contents, bool anew);
  [[nodiscard]] std::optional<Error> lock_fault(const std::filesystem::path& path, const std::string& sha256) const;
  Result<Admitted> admit(const std::filesystem::path& path, bool anew);
  [[nodiscard]] std::string command(const char* verb, const std::filesystem::path& path) const;

  const Options options_;
  const PluginLock lock_;
  const PluginProbe probe_;
  const ProbeCache cache_;
  Effort effort_;
};

}  // namespace leeward
