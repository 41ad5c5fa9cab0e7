#pragma once

#include <optional>
#include <string>

namespace bash_plugin {

/// Where a command runs: the directory it was given or, as in Airflow, a temporary one of its own that goes with this
/// object.
class WorkingDirectory {
 public:
  /// Throws Error if `given` is no directory, or no temporary one can be made.
  explicit WorkingDirectory(const std::optional<std::string>& given);
  WorkingDirectory(const WorkingDirectory&) = delete;
  WorkingDirectory& operator=(const WorkingDirectory&) = delete;
  ~WorkingDirectory();

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool temporary_ = false;
};

}  // namespace bash_plugin
