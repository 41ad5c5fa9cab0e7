#pragma once

#include <cstddef>
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

/// All that is recorded of a run: what it takes to go on with it.
struct RunHistory {
  std::shared_ptr<const RunInfo> info;
  std::shared_ptr<const DagSource> source;  ///< null: its Dag was made by hand
  std::vector<Event> events;                ///< from the first
};

/// Which runs to list.
struct RunQuery {
  std::string dag_id;             ///< empty: of all
  std::optional<RunState> state;  ///< nothing: in any
  bool unfinished = false;        ///< only those that are queued or running
  std::size_t limit = 0;          ///< 0: all
};

/// Where runs are recorded. Commit, then effect, then tell: the engine acts on an event only after `append` returned.
/// Transitions, never "save this object", so that a store with several writers can come. Thread-safe.
class RunStore {
 public:
  virtual ~RunStore() = default;
  /// Opens a run. On disk no later than its first events. `dag` is kept for showing the run. Code store.run_exists.
  [[nodiscard]] virtual Status begin(const std::shared_ptr<const RunInfo>& run,
                                     const std::shared_ptr<const Dag>& dag) = 0;
  /// Takes up a run that this store recorded before: from now on it is appended to. Code store.unknown_run.
  [[nodiscard]] virtual Status reopen(const std::shared_ptr<const RunInfo>& run,
                                      const std::shared_ptr<const Dag>& dag) = 0;
  /// Records events, in order, all or none. Once it has returned they survive whatever happens. After an error the
  /// store takes no more. REQUIRES: begin() or reopen() came before; sequences go on without a gap.
  [[nodiscard]] virtual Status append(const RunInfo& run, std::span<const Event> events) = 0;

  /// The run as its events tell it. Code store.unknown_run.
  [[nodiscard]] virtual Result<RunRecord> load(std::string_view run_id) const = 0;
  /// Its events themselves. Codes store.unknown_run; store.no_history of a store that does not keep them.
  [[nodiscard]] virtual Result<RunHistory> history(std::string_view run_id) const = 0;
  /// The newest first.
  [[nodiscard]] virtual Result<std::vector<RunSummary>> list(const RunQuery& query) const = 0;

  /// The latest run of the DAG whose logical date is before the given one, of several the one that began last; nothing
  /// if there is none. What depends_on_past looks at.
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

/// What every store answers of a run that it does not have.
[[nodiscard]] inline Error unknown_run(std::string_view run_id) {
  return {"store.unknown_run", "there is no run \"" + std::string{run_id} + "\""};
}

}  // namespace leeward
