#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/model/run_projection.hpp"
#include "core/store/run_store.hpp"

namespace leeward {

/// Keeps runs in memory, as the records their events add up to, and if asked the events, too: for tests, for
/// simulation, and for a run that nobody needs to find again. Thread-safe.
class MemoryRunStore final : public RunStore {
 public:
  enum class Keep : std::uint8_t { records, events };
  explicit MemoryRunStore(Keep keep = Keep::records) : keep_(keep) {}

  [[nodiscard]] Status begin(const std::shared_ptr<const RunInfo>& run, const std::shared_ptr<const Dag>& dag) override;
  [[nodiscard]] Status reopen(const std::shared_ptr<const RunInfo>& run,
                              const std::shared_ptr<const Dag>& dag) override;
  [[nodiscard]] Status append(const RunInfo& run, std::span<const Event> events) override;
  [[nodiscard]] Result<RunRecord> load(std::string_view run_id) const override;
  [[nodiscard]] Result<RunHistory> history(std::string_view run_id) const override;
  [[nodiscard]] Result<std::vector<RunSummary>> list(const RunQuery& query) const override;
  [[nodiscard]] Result<std::optional<std::string>> previous_run(std::string_view dag_id,
                                                                Timestamp logical_date) const override;
  [[nodiscard]] Result<std::optional<std::string>> run_at(std::string_view dag_id,
                                                          Timestamp logical_date) const override;
  [[nodiscard]] Result<std::vector<TaskState>> task_states(std::string_view run_id,
                                                           std::string_view task_id) const override;
  [[nodiscard]] Result<RunState> run_state(std::string_view run_id) const override;

 private:
  struct Run {
    std::shared_ptr<const RunInfo> info;
    std::shared_ptr<const DagSource> source;
    RunProjection projection;
    std::vector<Event> events;  ///< with Keep::events
    std::size_t number = 0;     ///< of those that were begun before it
  };
  /// Null if there is none. REQUIRES: mutex_ is held.
  [[nodiscard]] const Run* find(std::string_view run_id) const;

  const Keep keep_;
  mutable std::mutex mutex_;
  std::map<std::string, Run, std::less<>> runs_;  ///< guarded by mutex_
};

}  // namespace leeward
