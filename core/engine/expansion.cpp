#include "core/engine/expansion.hpp"

#include <utility>

#include "core/model/run_projection.hpp"

namespace leeward {

Expansion::Expansion(const Task& task, std::vector<std::shared_ptr<const JsonDocument>> lists, std::size_t instances)
    : task_(task),
      lists_(std::move(lists)),
      values_(instances),
      has_value_(instances),
      open_(static_cast<std::uint32_t>(instances)) {}

TaskScope::Items Expansion::items_of(std::int32_t map_index) const {
  TaskScope::Items items(lists_.size());
  auto rest = static_cast<std::size_t>(map_index);
  for (std::size_t i = lists_.size(); i-- > 0;) {
    const Json list = lists_[i]->root();
    items[i] = {task_.mapping->keys[i].name, list.at(rest % list.size())};
    rest /= list.size();
  }
  return items;
}

void Expansion::keep_value(std::int32_t map_index, Value value) {
  const auto index = static_cast<std::size_t>(map_index);
  values_[index] = std::move(value);
  has_value_[index] = true;
}

void Expansion::keep_choice(const std::vector<TaskIndex>& chosen) {
  chose_ = true;
  chosen_.insert(chosen_.end(), chosen.begin(), chosen.end());
}

Value Expansion::published() const {
  std::vector<Value> values;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    if (has_value_[i]) values.push_back(values_[i]);
  }
  return json_list_of(values);
}

}  // namespace leeward
