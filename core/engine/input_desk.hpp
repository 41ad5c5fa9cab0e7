#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/model/input_request.hpp"

namespace leeward {

/// What task instances ask people, and what people say. `say` from any thread, the rest only from RunEngine's loop.
class InputDesk {
 public:
  struct Said {
    std::string task_id;
    int map_index = -1;
    Value value;
    std::string user;
    std::function<void(Status)> told;
  };
  /// Once the desk is shut, nobody listens, and that is told at once.
  void say(Said said);
  /// What was said since the last call. Costs nothing while nobody says anything.
  [[nodiscard]] std::vector<Said> take();
  /// Nobody listens any more: whoever speaks too late is told why.
  void shut(Error why);

  void ask(InstanceIndex instance, std::shared_ptr<const InputRequest> request) {
    asked_[instance] = std::move(request);
  }
  /// Null if it asks nothing.
  [[nodiscard]] const InputRequest* asked(InstanceIndex instance) const;
  [[nodiscard]] bool anybody_waits() const noexcept { return !asked_.empty(); }
  /// The instance waits no longer: it has its answer, or was stopped.
  void close(InstanceIndex instance) { asked_.erase(instance); }

  void keep_answer(InstanceIndex instance, Value answer) { answers_.insert_or_assign(instance, std::move(answer)); }
  /// A new try asks anew.
  void forget_answer(InstanceIndex instance) { answers_.erase(instance); }
  [[nodiscard]] std::optional<Value> answer_of(InstanceIndex instance) const;

 private:
  std::atomic<bool> anything_said_{false};
  std::mutex mutex_;
  std::vector<Said> said_;     ///< guarded by mutex_
  std::optional<Error> shut_;  ///< guarded by mutex_
  std::unordered_map<InstanceIndex, std::shared_ptr<const InputRequest>> asked_;
  std::unordered_map<InstanceIndex, Value> answers_;
};

}  // namespace leeward
