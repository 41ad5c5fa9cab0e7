#pragma once

#include <optional>
#include <string>
#include <unordered_set>

#include "core/model/dag.hpp"
#include "core/model/run_record.hpp"
#include "core/store/run_store.hpp"

namespace leeward {

/// What depends_on_past and wait_for_downstream ask of the DAG's previous run, the latest with an earlier logical date.
/// Called only from RunEngine's loop; all references must outlive it.
class PastRuns {
 public:
  PastRuns(const Dag& dag, const RunInfo& run, const RunStore& store) : dag_(dag), run_(run), store_(store) {}

  /// Whether the task may run: there was no previous run, or all its instances of then succeeded or were skipped (with
  /// wait_for_downstream also its direct downstreams). A task that the previous run did not have waits, unless it has
  /// ignore_first_depends_on_past. An Error if the store failed.
  [[nodiscard]] Result<bool> allow(TaskIndex task);
  /// Those who were told to wait may ask again; until then they are not looked up once more.
  void look_again() { waiting_.clear(); }

 private:
  [[nodiscard]] Result<bool> look_up(TaskIndex task);
  [[nodiscard]] Result<bool> went_well(const Task& task, bool if_unknown) const;

  const Dag& dag_;
  const RunInfo& run_;
  const RunStore& store_;
  bool looked_ = false;
  std::unordered_set<TaskIndex> allowed_;
  std::unordered_set<TaskIndex> waiting_;  ///< since the last look_again()
  std::optional<std::string> previous_;
};

}  // namespace leeward
