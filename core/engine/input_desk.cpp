#include "core/engine/input_desk.hpp"

#include <utility>

namespace leeward {
namespace {

Error run_is_over() { return {"input.nothing_asked", "the run is over, and awaits no input any more"}; }

}  // namespace

void InputDesk::say(Said said) {
  {
    const std::lock_guard lock(mutex_);
    if (!shut_) {
      said_.push_back(std::move(said));
      anything_said_.store(true, std::memory_order_release);
      return;
    }
  }
  said.told(run_is_over());
}

void InputDesk::shut() {
  std::vector<Said> too_late;
  {
    const std::lock_guard lock(mutex_);
    shut_ = true;
    too_late = std::exchange(said_, {});
  }
  for (const Said& said : too_late) said.told(run_is_over());
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
