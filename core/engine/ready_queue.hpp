#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <vector>

#include "core/base/ids.hpp"

namespace leeward {

/// Instances that wait for their start: the highest priority weight first, and first come first served within one
/// weight. Those that need a thread to themselves never keep the others waiting for one. Called only from RunEngine's
/// loop.
class ReadyQueue {
 public:
  void push(InstanceIndex instance, int priority_weight, bool needs_thread) {
    lines_[needs_thread].push(instance, priority_weight);
  }
  /// Whether `pop` would give one.
  [[nodiscard]] bool has_one(std::size_t free_threads) const noexcept {
    return !lines_[0].empty() || (free_threads > 0 && !lines_[1].empty());
  }
  /// Takes a thread off `free_threads` if the instance needs one. REQUIRES: has_one(free_threads).
  [[nodiscard]] InstanceIndex pop(std::size_t& free_threads) {
    const bool threaded = free_threads > 0 && !lines_[1].empty() &&
                          (lines_[0].empty() || lines_[1].first_weight() >= lines_[0].first_weight());
    if (threaded) --free_threads;
    return lines_[threaded].pop();
  }
  [[nodiscard]] bool empty() const noexcept { return lines_[0].empty() && lines_[1].empty(); }
  void clear() { lines_ = {}; }

 private:
  /// By weight. Only the last lane left may be empty: it is kept for those to come.
  class Line {
   public:
    void push(InstanceIndex instance, int weight) {
      if (empty() && !lanes_.contains(weight)) lanes_.clear();
      lanes_[weight].waiting.push_back(instance);
      ++size_;
    }
    [[nodiscard]] InstanceIndex pop() {
      Lane& lane = lanes_.begin()->second;
      const InstanceIndex instance = lane.waiting[lane.next++];
      --size_;
      if (lane.next < lane.waiting.size()) return instance;
      if (lanes_.size() == 1) {
        lane.waiting.clear();
        lane.next = 0;
      } else {
        lanes_.erase(lanes_.begin());
      }
      return instance;
    }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] int first_weight() const noexcept { return lanes_.begin()->first; }

   private:
    struct Lane {
      std::vector<InstanceIndex> waiting;
      std::size_t next = 0;
    };
    std::map<int, Lane, std::greater<>> lanes_;
    std::size_t size_ = 0;
  };
  std::array<Line, 2> lines_;  ///< [1]: of those that need a thread to themselves
};

}  // namespace leeward
