#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/base/json.hpp"
#include "core/model/event.hpp"
#include "core/model/run_record.hpp"
#include "core/model/run_shape.hpp"

namespace leeward {

/// One run as its events tell it: applies them one by one, and shows the record they add up to at any time.
///
/// Stores keep one for each run they show. It keeps what the record needs and drops the events. Not thread-safe.
class RunProjection {
 public:
  RunProjection(std::shared_ptr<const RunInfo> info, std::shared_ptr<const RunShape> shape);

  /// REQUIRES: the events of this run, in order, from the first. Asserts that each transition is allowed from the state
  /// the earlier ones led to.
  void apply(const Event& event);
  [[nodiscard]] std::uint64_t next_sequence() const noexcept { return next_sequence_; }
  [[nodiscard]] const RunInfo& info() const noexcept { return *info_; }
  [[nodiscard]] RunState state() const noexcept { return state_; }
  /// By map index; empty if there is no such task.
  [[nodiscard]] std::vector<TaskState> states_of(std::string_view task_id) const;

  [[nodiscard]] RunRecord record() const;
  [[nodiscard]] RunSummary summary() const;

 private:
  /// A task instance, small: there may be a hundred thousand. Of a task that was expanded, the first row stands for the
  /// task itself and is not shown.
  struct Row {
    TaskState state = TaskState::none;
    std::uint16_t attempts = 0;
    std::int32_t map_index = -1;
    Timestamp started_at;  ///< 0: not yet
    Timestamp ended_at;
    std::shared_ptr<const TaskOutcome> outcome;
  };
  struct Expansion {
    InstanceIndex first;
    std::uint32_t count = 0;
    std::uint32_t open = 0;
  };
  struct Published {
    TaskIndex by;
    std::string_view name;  ///< the shape's
    Value value;
  };
  void apply_transition(const Event& event);
  void apply_expansion(const Event& event);
  void apply_clear(const Event& event);
  /// After an instance finished: adds what its task publishes.
  void publish(const Event& event);
  /// The rows that stand for the task now: its own, or those of its instances.
  struct Rows {
    InstanceIndex first;
    std::uint32_t count = 1;
  };
  [[nodiscard]] Rows rows_of(TaskIndex task) const;
  void publish_value(TaskIndex task, Value value);
  [[nodiscard]] Value list_of(const Expansion& expansion) const;
  [[nodiscard]] std::vector<std::pair<std::string, Value>> shown_context() const;
  [[nodiscard]] TaskRecord shown(TaskIndex task, InstanceIndex instance) const;

  std::shared_ptr<const RunInfo> info_;
  std::shared_ptr<const RunShape> shape_;
  RunState state_ = RunState::queued;
  RunEndReason end_reason_ = RunEndReason::none;
  Timestamp started_at_;
  Timestamp ended_at_;
  std::uint64_t next_sequence_ = 0;
  std::vector<Row> rows_;  ///< by instance: one for each task, then those of expanded tasks
  std::unordered_map<TaskIndex, Expansion> expansions_;
  /// By task and map index: an instance that comes in the place of a cleared one has its calls, too.
  std::map<std::pair<TaskIndex, std::int32_t>, std::vector<ModelCall>> model_calls_;
  std::vector<Published> context_;
};

/// What a task publishes under the name of a member of its result: the member, or the list of its instances' members.
[[nodiscard]] Value member_of(const Json& published, std::string_view name);
/// What an expanded task publishes: the values, in order, as one JSON list.
[[nodiscard]] Value json_list_of(std::span<const Value> values);

}  // namespace leeward
