#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/clock.hpp"
#include "core/model/task_outcome.hpp"
#include "core/model/task_state.hpp"

namespace leeward {

/// What a run was asked to be. Immutable once the run starts.
struct RunInfo {
  std::string run_id;
  std::string dag_id;
  Timestamp logical_date;
  std::optional<std::pair<Timestamp, Timestamp>> data_interval;
  std::string run_type = "manual";  ///< Airflow's: manual, scheduled, backfill
  /// Of a scheduled run: it is the latest while left < now <= right (the next run's). Nothing: always the latest.
  std::optional<std::pair<Timestamp, Timestamp>> latest_window;
  Value params{std::string{"{}"}};  ///< an object: the DAG's defaults, overridden
  Value conf{std::string{"{}"}};
  std::string triggered_by;  ///< the attempt of another run that asked for it, "RUN_ID/TASK_ID/INDEX/TRY"; empty: none
};

/// One task instance, as stored and shown.
struct TaskRecord {
  std::string task_id;
  int map_index = -1;  ///< -1: the task is not expanded
  std::string operator_name;
  TaskState state = TaskState::none;
  int attempts = 0;
  std::optional<Timestamp> started_at;
  std::optional<Timestamp> ended_at;
  std::shared_ptr<const TaskOutcome> outcome;  ///< of the last attempt; null before
  std::vector<ModelCall> model_calls;          ///< of all attempts, in order
  int possible_duplicates = 0;  ///< paid calls that may have been made twice, for want of an answer's record
};

/// One run in a list of runs.
struct RunSummary {
  std::string run_id;
  std::string dag_id;
  RunState state = RunState::queued;
  RunEndReason end_reason = RunEndReason::none;
  std::string run_type;
  Timestamp logical_date;
  std::optional<Timestamp> started_at;
  std::optional<Timestamp> ended_at;
};

/// One run, as stored and shown.
struct RunRecord {
  RunInfo info;
  RunState state = RunState::queued;
  RunEndReason end_reason = RunEndReason::none;
  std::optional<Timestamp> started_at;
  std::optional<Timestamp> ended_at;
  std::vector<TaskRecord> tasks;                       ///< spec order, then map index
  std::vector<std::pair<std::string, Value>> context;  ///< what was published, in order of publication
};

}  // namespace leeward
