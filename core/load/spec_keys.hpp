#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.hpp"
#include "core/model/dag_spec.hpp"

namespace leeward {

// The keys of a spec, each with the function that checks and keeps what stands under it. One table for each place, so
// that the parser, the guesses in its messages and the published schema cannot drift apart.

struct TaskKey {
  std::string_view name;
  bool in_default_args;  ///< may be given once for all tasks
  void (*read)(const Json& value, TaskSpec& task, Errors& errors);
};

struct DagKey {
  std::string_view name;
  void (*read)(const Json& value, DagSpec& dag, Errors& errors);
};

[[nodiscard]] std::span<const TaskKey> task_keys() noexcept;
[[nodiscard]] std::span<const DagKey> dag_keys() noexcept;
/// What default_args may hold beside the task keys that say so: words of Airflow's that concern the whole DAG.
[[nodiscard]] std::span<const DagKey> default_args_dag_keys() noexcept;

}  // namespace leeward
