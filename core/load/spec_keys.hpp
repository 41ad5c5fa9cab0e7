#pragma once

#include <algorithm>
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

struct GroupKey {
  std::string_view name;
  void (*read)(const Json& value, GroupSpec& group, Errors& errors);
};

[[nodiscard]] std::span<const TaskKey> task_keys() noexcept;
[[nodiscard]] std::span<const GroupKey> group_keys() noexcept;
[[nodiscard]] std::span<const DagKey> dag_keys() noexcept;
/// What default_args may hold beside the task keys that say so: words of Airflow's that concern the whole DAG.
[[nodiscard]] std::span<const DagKey> default_args_dag_keys() noexcept;

template <class Key>
const Key* find_key(std::span<const Key> keys, std::string_view name) {
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const Key& key) { return key.name == name; });
  return found == keys.end() ? nullptr : &*found;
}

template <class Key>
std::vector<std::string> names_of(std::span<const Key> keys) {
  std::vector<std::string> names;
  for (const Key& key : keys) names.emplace_back(key.name);
  return names;
}

/// "no key "x" in `where`", and the nearest of the `known` ones, or `otherwise`. Guessing is dear: ask has_room()
/// first.
void tell_unknown_key(const Json& member, std::string_view where, const std::vector<std::string>& known,
                      std::string_view otherwise, Errors& errors);

/// What `defaults` says of every task goes into `into`, and what it says of the DAG into `dag`; without one (those of a
/// group) it may not.
void read_default_args(const Json& defaults, TaskSpec& into, DagSpec* dag, Errors& errors);

}  // namespace leeward
