#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/model/dag.hpp"
#include "core/model/event.hpp"
#include "core/model/run_record.hpp"

namespace leeward {

/// Where runs are recorded. Commit, then effect, then tell: the engine acts on an event only after `append` returned.
/// Transitions, never "save this object", so that a store with several writers can come.
class RunStore {
 public:
  virtual ~RunStore() = default;
  /// Opens a run. `dag` is kept for showing the run.
  [[nodiscard]] virtual Status begin(const std::shared_ptr<const RunInfo>& run,
                                     const std::shared_ptr<const Dag>& dag) = 0;
  /// Records events, in order, all or none. REQUIRES: begin() came before; sequences go on without a gap.
  [[nodiscard]] virtual Status append(const RunInfo& run, std::span<const Event> events) = 0;
  /// The run as its events tell it. Code store.unknown_run.
  [[nodiscard]] virtual Result<RunRecord> load(std::string_view run_id) const = 0;

  /// The latest run of the DAG whose logical date is before the given one; nothing if there is none. What
  /// depends_on_past looks at.
  [[nodiscard]] virtual Result<std::optional<std::string>> previous_run(std::string_view dag_id,
                                                                        Timestamp logical_date) const = 0;
  /// The run of the DAG at this logical date, the one that began last; nothing if there is none.
  [[nodiscard]] virtual Result<std::optional<std::string>> run_at(std::string_view dag_id,
                                                                  Timestamp logical_date) const = 0;
  /// Where the task's instances stand in a run, by map index; empty if the run has no such task. Code
  /// store.unknown_run.
  [[nodiscard]] virtual Result<std::vector<TaskState>> task_states(std::string_view run_id,
                                                                   std::string_view task_id) const = 0;
  [[nodiscard]] virtual Result<RunState> run_state(std::string_view run_id) const = 0;
};

}  // namespace leeward
