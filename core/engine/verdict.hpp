#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/engine/instance_table.hpp"
#include "core/model/dag.hpp"
#include "core/model/task_outcome.hpp"

namespace leeward {

/// What the engine makes of how attempts ended, as pure functions.

/// Until an operator that said "not ready" without saying when is tried again: Airflow's poke_interval.
inline constexpr Duration kRescheduleDelay = std::chrono::seconds{60};

/// Makes of what an attempt said the outcome that counts, given why it was asked to stop. After a timeout it is
/// timed_out, whatever the operator said; after a stop of the run a success is still one, everything else is canceled.
void judge(TaskOutcome& said, StopReason asked, std::optional<Duration> timeout);

/// Of an attempt that did not end in time after it was asked to stop.
[[nodiscard]] TaskOutcome given_up();

/// Of an attempt of an at_most_once operator that was at work when the process ended: code task.lost.
[[nodiscard]] TaskOutcome lost_attempt(std::string_view task_id, int map_index);

/// What the callbacks of a run that failed are told: code run.failed, or run.timed_out and so on after its end reason;
/// the message names the first of those who failed.
[[nodiscard]] TaskOutcome failed_run(RunEndReason reason, const std::vector<std::string>& failed);

/// Of an attempt whose input could not be made: for good, since another attempt would get the same input.
[[nodiscard]] TaskOutcome failed_input(Error error);

/// The same for everybody who succeeded without saying anything: most tasks of a large run.
[[nodiscard]] std::shared_ptr<const TaskOutcome> shared(TaskOutcome&& outcome);

/// Fails a success that breaks what the task promised: multiple_outputs needs an object with the members it publishes.
void check_outputs(const Task& task, TaskOutcome& said);

/// The tasks a branch chose; a group stands for those of its roots that are direct downstreams. Code
/// branch.unknown_task if an id is no direct downstream.
[[nodiscard]] Result<std::vector<TaskIndex>> chosen_tasks(const Dag& dag, TaskIndex task,
                                                          const std::vector<std::string>& ids);

}  // namespace leeward
