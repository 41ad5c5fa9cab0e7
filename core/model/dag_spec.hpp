#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/json.hpp"
#include "core/model/dag.hpp"

namespace leeward {

/// By CallbackMoment: null, a notifier or a list of notifiers, each an object with a string `operator` and perhaps an
/// object `with`; absent: nothing was written. Shared by the tasks that have them from `default_args`.
using CallbacksByMoment = std::array<Json, 5>;
using CallbackPlaces = std::shared_ptr<const CallbacksByMoment>;

/// The engine's keys of a task, with `default_args` merged in.
struct TaskSettings {
  TriggerRule trigger_rule = TriggerRule::all_success;
  RetryRules retry;
  std::optional<Duration> execution_timeout;
  int priority_weight = 1;
  int pool_slots = 1;
  int max_active_tis_per_dagrun = 0;
  std::string_view pool;  ///< empty: the default pool
  WeightRule weight_rule = WeightRule::downstream;
  bool do_xcom_push = true;
  bool depends_on_past = false;
  bool wait_for_downstream = false;
  bool ignore_first_depends_on_past = false;
  Json multiple_outputs;     ///< true, false, or a list of names
  CallbackPlaces callbacks;  ///< null: none
};

/// What a task, or a group of tasks, is to be repeated over. Nothing in it was looked at yet: parse_mapping() does.
struct MappingSpec {
  Json expand;
  Json expand_kwargs;
  Json max_map_length;
  [[nodiscard]] bool exists() const noexcept { return expand.exists() || expand_kwargs.exists(); }
};

/// A task as the author wrote it. Each of its keys was checked by itself; how they fit the other tasks and the
/// operators is the builder's question. A place is absent if the key is absent or what stands there was a mistake.
struct TaskSpec {
  Json source;        ///< the whole object
  Json task_id;       ///< a string that is an id
  Json op;            ///< a string
  Json with;          ///< an object
  Json output_key;    ///< a string that can be a name
  Json depends_on;    ///< a list of strings
  Json doc;           ///< a string
  Json group;         ///< a string: the group's name as the author has it
  Json teardown;      ///< true, a string, or a list of strings: the setups it belongs to
  Json trigger_rule;  ///< the text of its rule, be it in default_args
  MappingSpec mapping;
  TaskSettings settings;
  GroupIndex in_group;  ///< in DagSpec::groups; invalid: none
  std::string full_id;  ///< with the groups' prefixes; empty if there are none
  bool is_setup = false;
  bool on_failure_fail_dagrun = false;

  /// Empty if there is none.
  [[nodiscard]] std::string_view id() const noexcept {
    if (!full_id.empty()) return full_id;
    return task_id.exists() ? task_id.string() : std::string_view{};
  }
  [[nodiscard]] bool is_teardown() const noexcept { return teardown.exists(); }
};

/// A group as the author wrote it, or as the tasks name it.
struct GroupSpec {
  std::string id;   ///< with the prefixes of the groups around it
  Json source;      ///< the whole object; absent if it was not declared
  Json parent;      ///< a string: the name of the group it stands in
  Json depends_on;  ///< a list of strings
  Json doc;         ///< a string
  MappingSpec mapping;
  GroupIndex in_group;
  bool prefix_group_id = true;  ///< in front of the ids of what stands in it
  TaskSpec defaults;            ///< a task of which only default_args speak: the DAG's, those around it, its own

  [[nodiscard]] std::string id_within(std::string_view name) const {
    return prefix_group_id ? id + "." + std::string{name} : std::string{name};
  }
};

/// One arrow, by the names that the author used.
struct EdgeSpec {
  std::string_view from;
  std::string_view to;
  Json source;                       ///< the string that the names stand in
  std::uint32_t from_character = 0;  ///< where in it, from 1; 0: the whole string, or not there (the task's own id)
  std::uint32_t to_character = 0;
};

/// When `leeward serve` starts runs by itself. A run that is started by hand does not look at it.
struct ScheduleSpec {
  Value schedule;  ///< null, a preset or cron string, or an object
  std::optional<Timestamp> start_date;
  std::optional<Timestamp> end_date;
  bool catchup = false;
};

/// What the author wrote, with positions: the views and places look into `document`.
struct DagSpec {
  std::shared_ptr<const JsonDocument> document;
  Dag::Header header;
  ScheduleSpec schedule;
  CallbackPlaces callbacks;  ///< of the run; null: none
  std::vector<TaskSpec> tasks;
  std::vector<GroupSpec> groups;  ///< in the order of the spec, each before those in it
  std::vector<EdgeSpec> edges;    ///< of `dependencies` only
};

}  // namespace leeward
