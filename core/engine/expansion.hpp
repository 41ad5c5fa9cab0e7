#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/engine/mapped_items.hpp"
#include "core/model/task_outcome.hpp"

namespace leeward {

/// A task that was expanded, by itself or with its group: what its instances gave and chose between them, until the
/// last one has ended. Called only from RunEngine's loop.
class Expansion {
 public:
  explicit Expansion(std::uint32_t size) : values_(size), size_(size), open_(size) {}

  [[nodiscard]] std::uint32_t size() const noexcept { return size_; }
  [[nodiscard]] std::uint32_t open() const noexcept { return open_; }
  /// What its instances get. Only an expansion of a run that was taken up again may do without: nobody is open who
  /// would need it.
  void keep_items(std::shared_ptr<const MappedItems> items) { items_ = std::move(items); }
  /// Null: there are none.
  [[nodiscard]] const MappedItems* items() const noexcept { return items_.get(); }

  void keep_value(std::int32_t map_index, Value value);
  void keep_choice(const std::vector<TaskIndex>& chosen);
  void keep_skip(SkipDownstream which) noexcept;
  /// An instance finished, however it did. True if it was the last one.
  [[nodiscard]] bool finish_one() noexcept { return --open_ == 0; }

  /// What the instances that succeeded returned, in order, as one list. As in Airflow, null is no result.
  /// Once, after the last one: the values are let go.
  [[nodiscard]] Value take_published();
  /// What the instances chose between them; null if none made a choice.
  [[nodiscard]] const std::vector<TaskIndex>* choice() const noexcept { return chose_ ? &chosen_ : nullptr; }
  /// What all of them agreed to skip.
  [[nodiscard]] SkipDownstream skips() const noexcept { return skipping_ == size() ? skips_ : SkipDownstream::none; }

 private:
  std::shared_ptr<const MappedItems> items_;
  std::vector<Value> values_;  ///< null: none
  std::vector<TaskIndex> chosen_;
  std::uint32_t size_;
  std::uint32_t open_;
  std::uint32_t skipping_ = 0;
  SkipDownstream skips_ = SkipDownstream::all;
  bool chose_ = false;
};

}  // namespace leeward
