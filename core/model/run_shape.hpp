#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/model/dag.hpp"

namespace leeward {

/// What showing a run needs to know of its tasks. Running it needs a Dag, and that all its operators; a run can be
/// shown after they have gone. Immutable, thread-safe.
class RunShape {
 public:
  struct TaskShape {
    std::string_view id;
    std::string_view operator_name;
    std::string_view output_key;           ///< empty: publishes nothing under a name of its own
    std::span<const std::string> outputs;  ///< members of its result that it publishes
    bool publishes = false;                ///< anything at all
  };

  virtual ~RunShape() = default;
  [[nodiscard]] virtual std::size_t size() const noexcept = 0;
  /// In spec order. What it refers to lives as long as the shape.
  [[nodiscard]] virtual TaskShape task(TaskIndex task) const = 0;
  /// Invalid if there is none.
  [[nodiscard]] virtual TaskIndex find(std::string_view task_id) const = 0;
};

/// Whether others can read what the task returns.
[[nodiscard]] bool publishes(const Task& task) noexcept;

/// The shape of a Dag's runs, without a copy of it.
[[nodiscard]] std::shared_ptr<const RunShape> shape_of(std::shared_ptr<const Dag> dag);

/// A shape as a JSON array, one object a task, for stores outside of this process; and back. Code run_shape.invalid.
[[nodiscard]] std::string encode_shape(const RunShape& shape);
[[nodiscard]] Result<std::shared_ptr<const RunShape>> decode_shape(const Value& json);

}  // namespace leeward
