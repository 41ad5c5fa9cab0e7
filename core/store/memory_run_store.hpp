#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "core/model/run_projection.hpp"
#include "core/store/run_store.hpp"

namespace leeward {

/// Keeps runs in memory, as the records their events add up to: for tests, for simulation, and for a run that nobody
/// needs to find again. Thread-safe.
class MemoryRunStore final : public RunStore {
 public:
  [[nodiscard]] Status begin(const std::shared_ptr<const RunInfo>& run, const std::shared_ptr<const Dag>& dag) override;
  [[nodiscard]] Status append(const RunInfo& run, std::span<const Event> events) override;
  [[nodiscard]] Result<RunRecord> load(std::string_view run_id) const override;
  [[nodiscard]] Result<std::optional<std::string>> previous_run(std::string_view dag_id,
                                                                Timestamp logical_date) const override;
  [[nodiscard]] Result<std::optional<std::string>> run_at(std::string_view dag_id,
                                                          Timestamp logical_date) const override;
  [[nodiscard]] Result<std::vector<TaskState>> task_states(std::string_view run_id,
                                                           std::string_view task_id) const override;
  [[nodiscard]] Result<RunState> run_state(std::string_view run_id) const override;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, RunProjection, std::less<>> runs_;  ///< guarded by mutex_
};

}  // namespace leeward
