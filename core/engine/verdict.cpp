#include "core/engine/verdict.hpp"

#include <algorithm>
#include <utility>

#include "core/base/suggestion.hpp"
#include "core/base/time_format.hpp"
#include "core/model/instance_name.hpp"

namespace leeward {
namespace {

TaskError timeout_error(Duration timeout) {
  return {"task.timed_out", "no result within the execution_timeout of " + format_duration(timeout), true, 0, {}};
}

Error unknown_branch(const Dag& dag, TaskIndex task, const std::string& id) {
  std::vector<std::string> ways;
  std::string list;
  for (const TaskIndex next : dag.downstream(task)) {
    ways.push_back(dag.task(next).id);
    list += (list.empty() ? "\"" : ", \"") + ways.back() + '"';
  }
  return {"branch.unknown_task", "the branch chose \"" + id + "\", which is none of its direct downstreams (" +
                                     (list.empty() ? "it has none" : list) + ")" + did_you_mean(id, ways)};
}

}  // namespace

void judge(TaskOutcome& said, StopReason asked, std::optional<Duration> timeout) {
  if (asked == StopReason::timed_out) {
    TaskOutcome outcome;
    outcome.kind = OutcomeKind::timed_out;
    outcome.error = timeout_error(timeout.value_or(Duration::zero()));
    outcome.model_calls = std::move(said.model_calls);  // paid for all the same
    said = std::move(outcome);
    return;
  }
  if (asked == StopReason::run_stopped && said.kind != OutcomeKind::success) {
    said.kind = OutcomeKind::canceled;
    said.error = TaskError{"task.canceled", "stopped, because the run was", false, 0, {}};
  }
  if (asked == StopReason::none && said.kind == OutcomeKind::canceled) said.kind = OutcomeKind::failed;
}

TaskOutcome given_up() {
  TaskOutcome outcome;
  outcome.kind = OutcomeKind::canceled;
  return outcome;
}

TaskOutcome lost_attempt(std::string_view task_id, int map_index) {
  return TaskOutcome::failed("task.lost", "the host ended while \"" + instance_name(task_id, map_index) +
                                              "\" was at work, and its operator is at_most_once: whether it did its " +
                                              "work is not known, and it is not started again by itself. See what it " +
                                              "did; to run it again, clear it (leeward runs clear)");
}

TaskOutcome failed_run(RunEndReason reason, const std::vector<std::string>& failed) {
  constexpr std::size_t kTold = 5;
  std::string message = failed.empty() ? "no task failed by itself" : "failed:";
  for (std::size_t i = 0; i < std::min(failed.size(), kTold); ++i) message += (i == 0 ? " " : ", ") + failed[i];
  if (failed.size() > kTold) message += " and " + std::to_string(failed.size() - kTold) + " more";
  const std::string why{reason == RunEndReason::none ? "failed" : to_string(reason)};
  return TaskOutcome::failed("run." + why, std::move(message));
}

TaskOutcome failed_input(Error error) {
  const Where& where = error.where;
  std::string message = std::move(error.message);
  if (!where.pointer.empty()) message = where.pointer + ": " + message;
  return TaskOutcome::failed(std::move(error.code), std::move(message));
}

std::shared_ptr<const TaskOutcome> shared(TaskOutcome&& outcome) {
  static const TaskOutcome kSilentSuccess;
  const bool silent = outcome.kind == OutcomeKind::success && outcome.value.is_null() && !outcome.error &&
                      !outcome.branch && outcome.skip_downstream == SkipDownstream::none && !outcome.retry_after &&
                      outcome.model_calls.empty();
  if (silent) return {std::shared_ptr<void>{}, &kSilentSuccess};
  return std::make_shared<const TaskOutcome>(std::move(outcome));
}

void check_outputs(const Task& task, TaskOutcome& said) {
  if (!task.multiple_outputs || said.kind != OutcomeKind::success) return;
  const auto document = JsonDocument::of(said.value);
  const Json result = document->root();
  if (!result.is_object()) {
    said =
        TaskOutcome::failed("output.not_an_object", "with multiple_outputs the result must be an object, and it is " +
                                                        std::string(to_string(result.kind())));
    return;
  }
  std::vector<std::string> members;
  for (const Json& member : result) members.emplace_back(member.key());
  for (const std::string& name : task.outputs) {
    if (result[name].exists()) continue;
    said = TaskOutcome::failed("output.missing", "the result has no member \"" + name + "\", which the task publishes" +
                                                     did_you_mean(name, members));
    return;
  }
}

Result<std::vector<TaskIndex>> chosen_tasks(const Dag& dag, TaskIndex task, const std::vector<std::string>& ids) {
  std::vector<TaskIndex> chosen;
  const auto downstream = dag.downstream(task);
  const auto is_next = [&](TaskIndex t) {
    return std::find(downstream.begin(), downstream.end(), t) != downstream.end();
  };
  for (const std::string& id : ids) {
    std::vector<TaskIndex> meant{dag.find(id)};
    if (const GroupIndex group = dag.find_group(id); group.valid()) meant = dag.roots_of(group);
    std::erase_if(meant, [&](TaskIndex t) { return !is_next(t); });
    if (meant.empty()) return unknown_branch(dag, task, id);
    chosen.insert(chosen.end(), meant.begin(), meant.end());
  }
  return chosen;
}

}  // namespace leeward
