#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bad_inputs/trial.hpp"

namespace leeward::bad_inputs {

/// A folder with plugins that a stranger wrote, beside the ones that ship: one sound, `sample`, whose operator must be
/// there whatever the others do.
class PluginTrial {
 public:
  PluginTrial();

  [[nodiscard]] const Trial& trial() const noexcept { return trial_; }
  [[nodiscard]] Trial& trial() noexcept { return trial_; }
  [[nodiscard]] std::filesystem::path folder() const { return folder_; }
  [[nodiscard]] std::filesystem::path file(std::string_view name) const { return folder_ / name; }

  /// Copies a library that the tests were built with, "sample_segv", into the folder.
  void copy(const std::string& sample, const std::string& as);
  /// A file with these bytes in the folder.
  void put(const std::string& name, std::string_view bytes);
  [[nodiscard]] static std::string bytes_of(const std::string& sample);
  /// The configuration of every command from here on.
  void configure(const std::string& json);

  /// A command with this folder.
  [[nodiscard]] test::Ended leeward(std::vector<std::string> words) const;
  /// `plugins list --json`: the sound plugin is there.
  [[nodiscard]] std::shared_ptr<const JsonDocument> list(const std::vector<std::string>& options = {}) const;
  /// The file is not loaded, for this reason and with these words; the sound plugin is.
  void refuses(const std::string& name, const std::string& code, const std::vector<std::string>& words = {}) const;

  /// Runs one task of the operator bad.do, beside a task of the sound plugin and the canary, both of which must
  /// succeed.
  [[nodiscard]] Outcome bad(const std::string& what, const std::string& more_with = "",
                            const std::string& more_of_task = "") const;

 private:
  Trial trial_;
  std::filesystem::path folder_;
  std::string config_;
};

}  // namespace leeward::bad_inputs
