#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace leeward {

/// Where the logs of attempts lie: HOME/logs/DAG_ID/RUN_ID/TASK_ID[.MAP_INDEX]/TRY.log. Functions of the file system;
/// thread-safe.

struct AttemptLogName {
  std::string dag_id;
  std::string run_id;
  std::string task_id;
  int map_index = -1;
  int try_number = 1;  ///< 0: what the task's callbacks say, in callbacks.log
};

/// An id as one part of a path. What would lead elsewhere or be hard to type (a slash, a leading dot, control
/// characters, any other script) is written as in a URL; one that is too long for a file name ends in a digest.
[[nodiscard]] std::string path_part(std::string_view id);

[[nodiscard]] std::filesystem::path run_log_folder(const std::filesystem::path& home, std::string_view dag_id,
                                                   std::string_view run_id);
[[nodiscard]] std::filesystem::path attempt_log_path(const std::filesystem::path& home, const AttemptLogName& name);

struct AttemptLogEntry {
  std::string instance;  ///< TASK_ID[.MAP_INDEX], as path_part has it
  int try_number = 1;    ///< 0: callbacks
  std::filesystem::path path;
  std::uintmax_t bytes = 0;
};
/// Those of a run, by instance and try. Empty if there are none: an attempt that said nothing and did not fail has
/// none.
[[nodiscard]] std::vector<AttemptLogEntry> attempt_logs_of(const std::filesystem::path& home, std::string_view dag_id,
                                                           std::string_view run_id);

/// Removes the logs of whole runs, those first that were written to longest ago, until all logs together have no more
/// than `max_bytes`. `keep`: whether a run's folder has to stay. How many runs lost theirs.
std::size_t remove_oldest_logs(const std::filesystem::path& home, std::uintmax_t max_bytes,
                               const std::function<bool(const std::filesystem::path&)>& keep);

}  // namespace leeward
