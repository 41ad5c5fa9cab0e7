#include "core/model/run_projection.hpp"

#include <string>
#include <utility>

#include "core/base/assert.hpp"

namespace leeward {
namespace {

std::optional<Timestamp> if_set(Timestamp at) { return at.unix_ns == 0 ? std::nullopt : std::optional(at); }

}  // namespace

RunProjection::RunProjection(std::shared_ptr<const RunInfo> info, std::shared_ptr<const RunShape> shape)
    : info_(std::move(info)), shape_(std::move(shape)), rows_(shape_->size()) {}

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
      end_reason_ = event.end_reason;
      ended_at_ = event.at;
      break;
    case EventKind::run_stopping: break;
    case EventKind::run_reopened:
      state_ = RunState::queued;
      end_reason_ = RunEndReason::none;
      ended_at_ = {};
      break;
    case EventKind::task_cleared: apply_clear(event); break;
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
      auto& all = model_calls_[{event.task, event.map_index}];
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

/// Its former instances keep their rows, which stand for nothing any more.
void RunProjection::apply_clear(const Event& event) {
  Row& row = rows_[event.task.value];
  row = {TaskState::none, row.attempts, -1, {}, {}, {}};
  expansions_.erase(event.task);
  std::erase_if(context_, [&](const Published& published) { return published.by == event.task; });
}

void RunProjection::publish(const Event& event) {
  if (!shape_->task(event.task).publishes) return;
  const auto expansion = expansions_.find(event.task);
  if (expansion == expansions_.end()) {
    // A mapped task that ended before it could be expanded publishes nothing.
    if (event.to == TaskState::success) publish_value(event.task, rows_[event.instance.value].outcome->value);
    return;
  }
  Expansion& e = expansion->second;
  if (e.count > 0 && --e.open > 0) return;
  publish_value(event.task, list_of(e));
}

void RunProjection::publish_value(TaskIndex index, Value value) {
  const RunShape::TaskShape task = shape_->task(index);
  if (!task.outputs.empty()) {
    const auto document = JsonDocument::of(value);
    for (const std::string& name : task.outputs) context_.push_back({index, name, member_of(document->root(), name)});
  }
  if (!task.output_key.empty()) context_.push_back({index, task.output_key, std::move(value)});
}

Value RunProjection::list_of(const Expansion& expansion) const {
  std::vector<Value> values;
  for (std::uint32_t i = 0; i < expansion.count; ++i) {
    const Row& row = rows_[expansion.first.value + i];
    // As in Airflow, an instance that returns nothing is not in the list.
    if (row.state == TaskState::success && !row.outcome->value.is_null()) values.push_back(row.outcome->value);
  }
  return json_list_of(values);
}

RunRecord RunProjection::record() const {
  RunRecord record;
  record.info = *info_;
  record.state = state_;
  record.end_reason = end_reason_;
  record.started_at = if_set(started_at_);
  record.ended_at = if_set(ended_at_);
  record.tasks.reserve(rows_.size());
  for (TaskIndex task{0}; task.value < shape_->size(); ++task.value) {
    const Rows rows = rows_of(task);
    for (std::uint32_t k = 0; k < rows.count; ++k) {
      record.tasks.push_back(shown(task, InstanceIndex{rows.first.value + k}));
    }
  }
  record.context = shown_context();
  return record;
}

RunSummary RunProjection::summary() const {
  return {info_->run_id,       info_->dag_id,       state_,           end_reason_, info_->run_type,
          info_->logical_date, if_set(started_at_), if_set(ended_at_)};
}

RunProjection::Rows RunProjection::rows_of(TaskIndex task) const {
  const auto expansion = expansions_.find(task);
  if (expansion == expansions_.end() || expansion->second.count == 0) return {InstanceIndex{task.value}, 1};
  return {expansion->second.first, expansion->second.count};
}

std::vector<TaskState> RunProjection::states_of(std::string_view task_id) const {
  const TaskIndex task = shape_->find(task_id);
  if (!task.valid()) return {};
  const Rows rows = rows_of(task);
  std::vector<TaskState> states;
  for (std::uint32_t k = 0; k < rows.count; ++k) states.push_back(rows_[rows.first.value + k].state);
  return states;
}

std::vector<std::pair<std::string, Value>> RunProjection::shown_context() const {
  std::vector<std::pair<std::string, Value>> shown;
  std::unordered_map<std::string, std::size_t> place;  // tasks on different ways may publish the same key
  for (const auto& [by, name, value] : context_) {
    const std::string key{name};
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
  const RunShape::TaskShape told = shape_->task(task);
  shown.task_id = told.id;
  shown.map_index = row.map_index;
  shown.operator_name = told.operator_name;
  shown.state = row.state;
  shown.attempts = row.attempts;
  shown.started_at = if_set(row.started_at);
  shown.ended_at = if_set(row.ended_at);
  shown.outcome = row.outcome;
  if (const auto calls = model_calls_.find({task, row.map_index}); calls != model_calls_.end())
    shown.model_calls = calls->second;
  return shown;
}

Value member_of(const Json& published, std::string_view name) {
  if (!published.is_array()) return published[name].value();
  std::vector<Value> values;
  for (const Json& item : published) {
    if (item[name].exists()) values.push_back(item[name].value());
  }
  return json_list_of(values);
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
