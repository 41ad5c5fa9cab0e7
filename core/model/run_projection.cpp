#include "core/model/run_projection.hpp"

#include <string>
#include <utility>

#include "core/base/assert.hpp"

namespace leeward {
namespace {

std::optional<Timestamp> if_set(Timestamp at) { return at.unix_ns == 0 ? std::nullopt : std::optional(at); }

}  // namespace

RunProjection::RunProjection(std::shared_ptr<const RunInfo> info, std::shared_ptr<const Dag> dag)
    : info_(std::move(info)), dag_(std::move(dag)), rows_(dag_->size()) {}

void RunProjection::apply(const Event& event) {
  LW_ASSERT(event.sequence == next_sequence_, "events are applied in order and without a gap");
  ++next_sequence_;
  switch (event.kind) {
    case EventKind::task_transition: apply_transition(event); break;
    case EventKind::task_expanded: apply_expansion(event); break;
    case EventKind::run_started:
      state_ = RunState::running;
      started_at_ = event.at;
      break;
    case EventKind::run_finished:
      state_ = event.run_state;
      ended_at_ = event.at;
      break;
  }
}

void RunProjection::apply_transition(const Event& event) {
  Row& row = rows_[event.instance.value];
  LW_ASSERT(row.state == event.from && may_become(event.from, event.to),
            "an event goes on from where the last one led");
  row.state = event.to;
  row.attempts = event.try_number;
  if (event.to == TaskState::running && row.started_at.unix_ns == 0) row.started_at = event.at;
  if (event.outcome) {
    row.outcome = event.outcome;
    const auto& calls = event.outcome->model_calls;
    if (!calls.empty()) {
      auto& all = model_calls_[event.instance];
      all.insert(all.end(), calls.begin(), calls.end());
    }
  }
  if (!is_finished(event.to)) return;
  row.ended_at = event.at;
  publish(event);
}

void RunProjection::apply_expansion(const Event& event) {
  expansions_[event.task] = {event.instance, event.count, event.count};
  if (event.count == 0) return;
  LW_ASSERT(event.instance.value == rows_.size(), "new instances come after all earlier ones");
  rows_.resize(rows_.size() + event.count);
  for (std::uint32_t i = 0; i < event.count; ++i) {
    rows_[event.instance.value + i].map_index = static_cast<std::int32_t>(i);
  }
}

void RunProjection::publish(const Event& event) {
  const Task& task = dag_->task(event.task);
  if (task.output_key.empty() || !task.do_xcom_push) return;
  if (task.expand.empty()) {
    if (event.to == TaskState::success) context_.emplace_back(event.task, rows_[event.instance.value].outcome->value);
    return;
  }
  const auto expansion = expansions_.find(event.task);
  if (expansion == expansions_.end()) return;  // it ended before it could be expanded
  Expansion& e = expansion->second;
  if (e.count > 0 && --e.open > 0) return;
  context_.emplace_back(event.task, list_of(e));
}

Value RunProjection::list_of(const Expansion& expansion) const {
  std::vector<Value> values;
  for (std::uint32_t i = 0; i < expansion.count; ++i) {
    const Row& row = rows_[expansion.first.value + i];
    if (row.state == TaskState::success) values.push_back(row.outcome->value);
  }
  return json_list_of(values);
}

RunRecord RunProjection::record() const {
  RunRecord record;
  record.info = *info_;
  record.state = state_;
  record.started_at = if_set(started_at_);
  record.ended_at = if_set(ended_at_);
  record.tasks.reserve(rows_.size());
  for (std::uint32_t i = 0; i < dag_->size(); ++i) {
    const TaskIndex task{i};
    const auto expansion = dag_->task(task).expand.empty() ? expansions_.end() : expansions_.find(task);
    if (expansion == expansions_.end() || expansion->second.count == 0) {
      record.tasks.push_back(shown(task, InstanceIndex{i}));
      continue;
    }
    for (std::uint32_t k = 0; k < expansion->second.count; ++k) {
      record.tasks.push_back(shown(task, InstanceIndex{expansion->second.first.value + k}));
    }
  }
  record.context = shown_context();
  return record;
}

std::vector<std::pair<std::string, Value>> RunProjection::shown_context() const {
  std::vector<std::pair<std::string, Value>> shown;
  std::unordered_map<std::string_view, std::size_t> place;  // tasks on different ways may publish the same key
  for (const auto& [task, value] : context_) {
    const std::string& key = dag_->task(task).output_key;
    const auto [at, is_new] = place.try_emplace(key, shown.size());
    if (is_new) {
      shown.emplace_back(key, value);
    } else {
      shown[at->second].second = value;
    }
  }
  return shown;
}

TaskRecord RunProjection::shown(TaskIndex task, InstanceIndex instance) const {
  const Row& row = rows_[instance.value];
  TaskRecord shown;
  shown.task_id = dag_->task(task).id;
  shown.map_index = row.map_index;
  shown.operator_name = dag_->task(task).op->name;
  shown.state = row.state;
  shown.attempts = row.attempts;
  shown.started_at = if_set(row.started_at);
  shown.ended_at = if_set(row.ended_at);
  shown.outcome = row.outcome;
  if (const auto calls = model_calls_.find(instance); calls != model_calls_.end()) shown.model_calls = calls->second;
  return shown;
}

Value json_list_of(std::span<const Value> values) {
  std::string list = "[";
  for (const Value& value : values) {
    if (list.size() > 1) list += ',';
    list += value.json();
  }
  list += ']';
  return Value{std::move(list)};
}

}  // namespace leeward
