#pragma once

#include <memory>
#include <span>
#include <unordered_map>

#include "core/base/json.hpp"
#include "core/model/dag.hpp"

namespace leeward {

/// What the tasks of a run have published so far, by producer. A value is parsed when a template first looks into it,
/// and then once, however many instances read it. Called only from RunEngine's loop.
class RunContext {
 public:
  void publish(TaskIndex producer, Value value) { entries_[producer].value = std::move(value); }

  /// Of those who may have published a name, the first who has; null if none has.
  [[nodiscard]] const Value* find(std::span<const TaskIndex> producers) const {
    const Entry* entry = entry_of(producers);
    return entry ? &entry->value : nullptr;
  }
  /// The same, to look into. Absent if none has.
  [[nodiscard]] Json look(std::span<const TaskIndex> producers) const {
    const Entry* entry = entry_of(producers);
    if (!entry) return {};
    if (!entry->document) entry->document = JsonDocument::of(entry->value);
    return entry->document->root();
  }

 private:
  struct Entry {
    Value value;
    mutable std::shared_ptr<const JsonDocument> document;  ///< null until somebody looked
  };
  [[nodiscard]] const Entry* entry_of(std::span<const TaskIndex> producers) const {
    for (const TaskIndex producer : producers) {
      if (const auto found = entries_.find(producer); found != entries_.end()) return &found->second;
    }
    return nullptr;
  }

  std::unordered_map<TaskIndex, Entry> entries_;
};

}  // namespace leeward
