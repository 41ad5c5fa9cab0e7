#include "core/engine/input_desk.hpp"

#include <utility>

namespace leeward {
void InputDesk::say(Said said) {
  std::optional<Error> shut;
  {
    const std::lock_guard lock(mutex_);
    if (!shut_) {
      said_.push_back(std::move(said));
      anything_said_.store(true, std::memory_order_release);
      return;
    }
    shut = shut_;
  }
  said.told(*std::move(shut));
}

void InputDesk::shut(Error why) {
  std::vector<Said> too_late;
  {
    const std::lock_guard lock(mutex_);
    shut_ = why;
    too_late = std::exchange(said_, {});
  }
  for (const Said& said : too_late) said.told(why);
}

std::vector<InputDesk::Said> InputDesk::take() {
  if (!anything_said_.exchange(false, std::memory_order_acquire)) return {};
  const std::lock_guard lock(mutex_);
  return std::exchange(said_, {});
}

const InputRequest* InputDesk::asked(InstanceIndex instance) const {
  const auto found = asked_.find(instance);
  return found == asked_.end() ? nullptr : found->second.get();
}

std::optional<Value> InputDesk::answer_of(InstanceIndex instance) const {
  if (answers_.empty()) return std::nullopt;
  const auto found = answers_.find(instance);
  return found == answers_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace leeward
