#include "host/observe/attempt_log_files.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "core/base/digest.hpp"

namespace leeward {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kLongestPart = 200;
constexpr std::string_view kExtension = ".log";
constexpr std::string_view kCallbacks = "callbacks";

bool is_plain(char c) {
  constexpr std::string_view kOthers = "._-:+=@";
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || kOthers.find(c) != kOthers.npos;
}

/// Entries that can be read; a folder that is not there has none.
template <class Visit>
void each_entry(const fs::path& folder, Visit visit) {
  std::error_code error;
  for (fs::directory_iterator at{folder, error}, end; !error && at != end; at.increment(error)) visit(*at);
}

struct RunLogs {
  fs::path folder;
  std::uintmax_t bytes = 0;
  fs::file_time_type written;
};

RunLogs measured(const fs::path& folder) {
  std::error_code error;
  RunLogs logs{folder, 0, fs::last_write_time(folder, error)};
  each_entry(folder, [&](const fs::directory_entry& instance) {
    each_entry(instance.path(), [&](const fs::directory_entry& file) {
      std::error_code ignored;
      const std::uintmax_t bytes = file.file_size(ignored);
      if (!ignored) logs.bytes += bytes;
      const fs::file_time_type written = file.last_write_time(ignored);
      if (!ignored) logs.written = std::max(logs.written, written);
    });
  });
  return logs;
}

}  // namespace

std::string path_part(std::string_view id) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string part;
  for (const char c : id) {
    if (is_plain(c) && !(c == '.' && part.empty())) {
      part += c;
    } else {
      part += '%';
      part += kDigits[static_cast<unsigned char>(c) >> 4];
      part += kDigits[static_cast<unsigned char>(c) & 15];
    }
  }
  if (part.size() <= kLongestPart) return part.empty() ? "%" : part;
  return part.substr(0, kLongestPart - 17) + "~" + sha256_hex(id).substr(0, 16);
}

fs::path run_log_folder(const fs::path& home, std::string_view dag_id, std::string_view run_id) {
  return home / "logs" / path_part(dag_id) / path_part(run_id);
}

fs::path attempt_log_path(const fs::path& home, const AttemptLogName& name) {
  std::string instance = path_part(name.task_id);
  if (name.map_index >= 0) instance += "." + std::to_string(name.map_index);
  const std::string file = name.try_number == 0 ? std::string{kCallbacks} : std::to_string(name.try_number);
  return run_log_folder(home, name.dag_id, name.run_id) / instance / (file + std::string{kExtension});
}

std::vector<AttemptLogEntry> attempt_logs_of(const fs::path& home, std::string_view dag_id, std::string_view run_id) {
  std::vector<AttemptLogEntry> files;
  each_entry(run_log_folder(home, dag_id, run_id), [&](const fs::directory_entry& instance) {
    each_entry(instance.path(), [&](const fs::directory_entry& entry) {
      if (entry.path().extension() != kExtension) return;
      const std::string stem = entry.path().stem().string();
      int number = 0;
      const auto read = std::from_chars(stem.data(), stem.data() + stem.size(), number);
      if (stem != kCallbacks && (read.ec != std::errc{} || read.ptr != stem.data() + stem.size())) return;
      std::error_code ignored;
      files.push_back({instance.path().filename().string(), number, entry.path(), entry.file_size(ignored)});
    });
  });
  std::sort(files.begin(), files.end(), [](const AttemptLogEntry& a, const AttemptLogEntry& b) {
    return a.instance != b.instance ? a.instance < b.instance : a.try_number < b.try_number;
  });
  return files;
}

std::size_t remove_oldest_logs(const fs::path& home, std::uintmax_t max_bytes,
                               const std::function<bool(const fs::path&)>& keep) {
  std::vector<RunLogs> runs;
  std::uintmax_t total = 0;
  each_entry(home / "logs", [&](const fs::directory_entry& dag) {
    each_entry(dag.path(), [&](const fs::directory_entry& run) {
      runs.push_back(measured(run.path()));
      total += runs.back().bytes;
    });
  });
  std::sort(runs.begin(), runs.end(), [](const RunLogs& a, const RunLogs& b) { return a.written < b.written; });
  std::size_t removed = 0;
  for (const RunLogs& run : runs) {
    if (total <= max_bytes) break;
    if (keep(run.folder)) continue;
    std::error_code error;
    fs::remove_all(run.folder, error);
    if (error) continue;
    total -= run.bytes;
    ++removed;
    fs::remove(run.folder.parent_path(), error);  // a DAG's folder goes with its last run; else it is not empty
  }
  return removed;
}

}  // namespace leeward
