#include "core/engine/expansion.hpp"

#include <algorithm>
#include <utility>

#include "core/model/run_projection.hpp"

namespace leeward {

void Expansion::keep_value(std::int32_t map_index, Value value) {
  values_[static_cast<std::size_t>(map_index)] = std::move(value);
}

void Expansion::keep_choice(const std::vector<TaskIndex>& chosen) {
  chose_ = true;
  chosen_.insert(chosen_.end(), chosen.begin(), chosen.end());
}

void Expansion::keep_skip(SkipDownstream which) noexcept {
  if (which == SkipDownstream::none) return;
  ++skipping_;
  skips_ = std::min(skips_, which);
}

Value Expansion::take_published() {
  std::vector<Value> values = std::exchange(values_, {});
  std::erase_if(values, [](const Value& value) { return value.is_null(); });
  return json_list_of(values);
}

}  // namespace leeward
