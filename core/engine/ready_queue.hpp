#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "core/base/ids.hpp"

namespace leeward {

/// Instances that wait for their start: the highest priority weight first, and first come first served within one
/// weight. Those that something else limits (a pool, a thread, their own task) stand in different lines, so that none
/// keeps the others waiting. Called only from RunEngine's loop.
class ReadyQueue {
 public:
  /// What limits the start of an instance: instances with the same needs may start at the same moments.
  struct Needs {
    std::uint16_t pool = 0;
    int slots = 1;
    bool thread = false;  ///< one to itself
    TaskIndex task{};     ///< if the task limits its own instances; else invalid
    friend auto operator<=>(const Needs&, const Needs&) = default;
  };

  void push(InstanceIndex instance, int weight, const Needs& needs) {
    line_of(needs).push(instance, weight, next_number_++);
    ++size_;
  }

  /// The heaviest instance that may start now; nothing if none may. `admit(needs)` is asked in order of weight, for
  /// each line until it says no; when it says yes the instance starts.
  template <class Admit>
  [[nodiscard]] std::optional<InstanceIndex> pop(const Admit& admit) {
    while (Line* best = heaviest()) {
      best->blocked = !admit(best->needs);
      if (best->blocked) continue;
      --size_;
      return best->pop();
    }
    return std::nullopt;
  }
  /// Whoever was refused may be admitted now.
  void unblock() {
    for (Line& line : lines_) line.blocked = false;
  }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  void clear() {
    lines_.clear();
    size_ = 0;
  }

 private:
  /// By weight. Only the last lane left may be empty: it is kept for those to come.
  struct Line {
    struct Waiting {
      InstanceIndex instance;
      std::uint64_t number = 0;  ///< who came first
    };
    struct Lane {
      std::vector<Waiting> waiting;
      std::size_t next = 0;
    };
    Needs needs;
    bool blocked = false;
    std::map<int, Lane, std::greater<>> lanes;
    std::size_t size = 0;

    void push(InstanceIndex instance, int weight, std::uint64_t number) {
      if (size == 0 && !lanes.contains(weight)) lanes.clear();
      lanes[weight].waiting.push_back({instance, number});
      ++size;
    }
    [[nodiscard]] InstanceIndex pop() {
      Lane& lane = lanes.begin()->second;
      const InstanceIndex instance = lane.waiting[lane.next++].instance;
      --size;
      if (lane.next < lane.waiting.size()) return instance;
      if (lanes.size() == 1) {
        lane.waiting.clear();
        lane.next = 0;
      } else {
        lanes.erase(lanes.begin());
      }
      return instance;
    }
    [[nodiscard]] bool goes_before(const Line& other) const {
      const auto& [weight, lane] = *lanes.begin();
      const auto& [other_weight, other_lane] = *other.lanes.begin();
      if (weight != other_weight) return weight > other_weight;
      return lane.waiting[lane.next].number < other_lane.waiting[other_lane.next].number;
    }
  };

  Line& line_of(const Needs& needs) {
    for (Line& line : lines_) {
      if (line.needs == needs) return line;
    }
    lines_.emplace_back().needs = needs;
    return lines_.back();
  }
  [[nodiscard]] Line* heaviest() {
    Line* best = nullptr;
    for (Line& line : lines_) {
      if (line.size > 0 && !line.blocked && (best == nullptr || line.goes_before(*best))) best = &line;
    }
    return best;
  }

  std::vector<Line> lines_;  ///< few: one for each kind of needs
  std::size_t size_ = 0;
  std::uint64_t next_number_ = 0;
};

}  // namespace leeward
