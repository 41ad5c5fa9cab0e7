#pragma once

#include <filesystem>

#include "core/base/result.hpp"

namespace leeward {

/// The folder of what outlives a process: the store, the logs of attempts, and `run`, where processes that are alive
/// have their sockets and locks. Its user's alone. Immutable.
///
/// Its folders are made 0700 one by one, never by a umask: what tasks start would inherit that.
class Home {
 public:
  /// Makes the folder where it is not there. Code home.unusable: it cannot be made or written, or others may write it.
  [[nodiscard]] static Result<Home> open(std::filesystem::path path);
  /// One that was opened before, for those who only look. It may not be there.
  [[nodiscard]] static Home at(std::filesystem::path path) { return Home{std::move(path)}; }

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  [[nodiscard]] std::filesystem::path store_file() const { return path_ / "leeward.db"; }
  [[nodiscard]] std::filesystem::path run_folder() const { return path_ / "run"; }
  [[nodiscard]] std::filesystem::path log_folder() const { return path_ / "logs"; }
  /// Whether anything was ever recorded here.
  [[nodiscard]] bool has_store() const;

 private:
  explicit Home(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;
};

}  // namespace leeward
