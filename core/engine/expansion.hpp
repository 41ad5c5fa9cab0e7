#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/json.hpp"
#include "core/engine/task_scope.hpp"
#include "core/model/dag.hpp"

namespace leeward {

/// A task mapped over its lists: which item each instance gets, and what the instances gave. Several lists make their
/// product, the last one fastest. Called only from RunEngine's loop.
class Expansion {
 public:
  static constexpr std::size_t kMaxInstances = 1'000'000;

  /// `lists` hold one document for each key of task.expand, each an array.
  Expansion(const Task& task, std::vector<std::shared_ptr<const JsonDocument>> lists, std::size_t instances);

  [[nodiscard]] std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(values_.size()); }
  /// The items of one instance, by key. Views into this expansion and its task.
  [[nodiscard]] TaskScope::Items items_of(std::int32_t map_index) const;

  void keep_value(std::int32_t map_index, Value value);
  void keep_choice(const std::vector<TaskIndex>& chosen);
  /// An instance finished, however it did. True if it was the last one.
  [[nodiscard]] bool finish_one() noexcept { return --open_ == 0; }

  /// The values of the instances that succeeded, in order, as one list.
  [[nodiscard]] Value published() const;
  /// What the instances chose between them; null if none made a choice.
  [[nodiscard]] const std::vector<TaskIndex>* choice() const noexcept { return chose_ ? &chosen_ : nullptr; }

 private:
  const Task& task_;
  std::vector<std::shared_ptr<const JsonDocument>> lists_;
  std::vector<Value> values_;
  std::vector<bool> has_value_;
  std::vector<TaskIndex> chosen_;
  std::uint32_t open_;
  bool chose_ = false;
};

}  // namespace leeward
