#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/base/json.hpp"
#include "core/base/result.hpp"

namespace leeward {

/// What a child process of ours that holds a stranger's code may use.
struct SandboxLimits {
  std::uint64_t memory_bytes = std::uint64_t{2}
                               << 30;                 ///< what it may write to, 1 MiB for a thread's stack; 0: no limit
  std::uint64_t file_bytes = std::uint64_t{1} << 30;  ///< the largest file that it may write; 0: no limit
  std::uint64_t files = 1024;                         ///< open at once
  /// Processes and threads of the whole user, as the kernel counts them; where root runs the host, whom the kernel does
  /// not limit: of this process's family, and its end if there are more. 0: no limit. Nothing: half of what the user
  /// may have, 16384 at most, so that the host can still start others.
  std::optional<std::uint64_t> processes{};
  std::vector<std::filesystem::path> read;    ///< readable beside the system's folders
  std::vector<std::filesystem::path> write;   ///< readable and writable, such as its temporary folder
  std::vector<std::filesystem::path> hidden;  ///< never, wherever they lie: the home folder, keys
  bool local_sockets = false;                 ///< may it make Unix sockets and so reach other programs'?

  /// Reads `{"memory": "2GiB", "file_size": "1GiB", "files": 1024, "processes": 4096, "read": [...], "write": [...],
  /// "hidden": [...], "local_sockets": false}`, of which everything may be left out. Sizes are numbers of bytes, or
  /// texts with KiB, MiB, GiB, TiB. Unknown members are left to the caller's schema. Code config.isolation.
  [[nodiscard]] static SandboxLimits of(const Json& json, Errors& errors);
  /// The same text that of() reads.
  [[nodiscard]] std::string json() const;
};

/// What of the sandbox this kernel lacks, in words; empty: nothing.
using SandboxGaps = std::vector<std::string>;

/// Confines this process for the rest of its life, and everybody that comes of it: no privileges, no core dumps, not to
/// be looked into by others of its user; ended when it is or its host (family_keeper.hpp: the caller goes on in a
/// process of its own, in which nothing of its parent's is changed but its number); limits on memory, files and
/// processes; files of the system are read-only and all others out of reach but those of `limits` (landlock); no
/// signals to processes outside (landlock, and for the parent seccomp); no system call that serves only to leave, to
/// spy or to rule the machine (seccomp).
///
/// REQUIRES: this process has one thread: landlock confines the calling one and those that it starts later.
/// Code sandbox.failed: what the kernel has could not be set up; then nothing of a stranger may run. What the kernel
/// has not is told and left out.
[[nodiscard]] Result<SandboxGaps> confine(const SandboxLimits& limits);

/// What confine() would tell here of the kernel, without confining anybody.
[[nodiscard]] SandboxGaps sandbox_gaps();

/// Nobody else of this process's user may look into its memory, its environment and what it has open, or trace it; nor
/// does it leave its memory behind as a core dump. For a host: it holds keys, and others of its user run beside it.
void keep_onlookers_out();

/// What each part of confine() answers when the kernel refused it: code sandbox.failed, with errno's words.
[[nodiscard]] Error not_confined(const std::string& what);

}  // namespace leeward
