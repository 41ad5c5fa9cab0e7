#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/mapped_items.hpp"
#include "core/engine/run_context.hpp"
#include "core/engine/task_scope.hpp"

namespace leeward {

/// Decides what a task instance receives: renders its templates over what its ancestors published.
///
/// No clock, no I/O, and the same answer for the same context. Called only from RunEngine's loop; all references must
/// outlive it.
class InputResolver {
 public:
  InputResolver(std::shared_ptr<const Dag> dag, const RunInfo& run, const RunContext& context);

  struct Input {
    Value params;                                        ///< of the operator, checked against its schema
    std::vector<std::pair<std::string, Value>> context;  ///< the keys that the operator may ask for itself
  };
  /// `items` is null unless the instance is mapped, by its task or by its group. Codes: template.*, params.invalid.
  [[nodiscard]] Result<Input> resolve(const TaskScope::Attempt& attempt, const MappedItems* items) {
    return resolve(attempt, attempt.task->with, items);
  }
  /// The same with a callback's `with` in place of the task's. The Dag owns it, and what is resolved keeps the Dag.
  [[nodiscard]] Result<Input> resolve(const TaskScope::Attempt& attempt, const ValueTemplate& with,
                                      const MappedItems* items);

  /// What a task (or a group, if `task` is null) is mapped over. Codes: template.*, expand.type, expand.too_large.
  [[nodiscard]] Result<std::shared_ptr<const MappedItems>> items_of(const Mapping& mapping, const Task* task);

 private:
  [[nodiscard]] Result<Value> params_of(const TaskScope::Attempt& attempt, const ValueTemplate& with,
                                        const MappedItems* items);
  [[nodiscard]] const JsonDocument& facts();

  const std::shared_ptr<const Dag> dag_;
  const RunInfo& run_;
  const RunContext& context_;
  std::shared_ptr<const JsonDocument> facts_;  ///< null until a template is rendered
};

}  // namespace leeward
