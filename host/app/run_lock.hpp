#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "core/base/result.hpp"
#include "host/process/unique_fd.hpp"

namespace leeward {

/// What makes this process the one owner of a run: a lock on a file of the home folder, RUN_ID.lock. Taken before a run
/// begins or is taken up, and kept until its engine has gone. The kernel gives it up with the process, however that
/// ends, so an owner that died is none.
class RunLock {
 public:
  /// Codes run.owned (another one has it: who), home.unusable.
  [[nodiscard]] static Result<RunLock> take(const std::filesystem::path& folder, std::string_view run_id);
  RunLock(RunLock&&) = default;
  RunLock& operator=(RunLock&&) = delete;
  /// Gives it up, and takes the file away.
  ~RunLock();

 private:
  RunLock(std::filesystem::path file, UniqueFd fd) : file_(std::move(file)), fd_(std::move(fd)) {}

  std::filesystem::path file_;
  UniqueFd fd_;
};

/// Who owns a run. Never in the way of somebody who takes it.
struct RunOwner {
  pid_t pid = 0;  ///< 0: it has not said yet
};
[[nodiscard]] std::optional<RunOwner> run_owner(const std::filesystem::path& folder, std::string_view run_id);

/// Takes away the lock files that dead processes have left.
void remove_stale_locks(const std::filesystem::path& folder);

}  // namespace leeward
