#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <vector>

#include "core/base/ids.hpp"

namespace leeward {

/// Instances that wait for their start: the highest priority weight first, and first come first served within one
/// weight. Called only from RunEngine's loop.
class ReadyQueue {
 public:
  void push(InstanceIndex instance, int priority_weight) {
    by_weight_[priority_weight].waiting.push_back(instance);
    ++size_;
  }
  /// REQUIRES: !empty().
  [[nodiscard]] InstanceIndex pop() {
    for (auto& [weight, lane] : by_weight_) {
      if (lane.next == lane.waiting.size()) continue;
      const InstanceIndex instance = lane.waiting[lane.next++];
      if (lane.next == lane.waiting.size()) lane.clear();
      --size_;
      return instance;
    }
    return {};
  }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  void clear() {
    by_weight_.clear();
    size_ = 0;
  }

 private:
  struct Lane {
    std::vector<InstanceIndex> waiting;
    std::size_t next = 0;
    void clear() {
      waiting.clear();
      next = 0;
    }
  };
  std::map<int, Lane, std::greater<>> by_weight_;
  std::size_t size_ = 0;
};

}  // namespace leeward
