#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/ids.hpp"
#include "core/base/json.hpp"
#include "core/model/group_members.hpp"
#include "core/model/mapping.hpp"
#include "core/model/operator_info.hpp"
#include "core/model/setup_scopes.hpp"
#include "core/model/trigger_rule.hpp"

namespace leeward {

/// Again after a failure, and when. Airflow's names and defaults.
struct RetryRules {
  int retries = 0;  ///< attempts = retries + 1
  Duration delay = std::chrono::seconds{300};
  double exponential_backoff = 0;  ///< the multiplier; 0 and 1: the delay stays
  std::optional<Duration> max_delay;
};

/// What a task's priority_weight counts for: Airflow's weight_rule.
enum class WeightRule : std::uint8_t { downstream, upstream, absolute };

/// When a callback is called. Airflow's on_..._callback.
enum class CallbackMoment : std::uint8_t { execute, success, failure, retry, skipped };

/// The text that a Dag was made from, kept so that a run can be taken up again where its file has changed or gone.
struct DagSource {
  std::string text;
  std::string file;  ///< as whoever loaded it named it; empty: none
};

struct Callback;

/// A node of a Dag. Immutable.
struct Task {
  std::string id;
  const OperatorInfo* op = nullptr;        ///< owned by the catalog, which outlives the Dag
  ValueTemplate with;                      ///< renders to the operator's params
  std::shared_ptr<const Mapping> mapping;  ///< null: one instance, or as many as its mapped group has
  std::string output_key;                  ///< empty: publishes nothing
  std::vector<std::string> outputs;        ///< members of the result that it publishes under their own names
  std::string doc;
  RetryRules retry;
  std::optional<Duration> execution_timeout;
  int priority_weight = 1;  ///< its own
  int pool_slots = 1;
  int max_active_tis_per_dagrun = 0;  ///< 0: no limit
  GroupIndex group;                   ///< the innermost it stands in; invalid: none
  GroupIndex mapped_group;            ///< the one around it that is mapped; invalid: none
  std::uint16_t pool = 0;             ///< in Dag::Header::pools
  TriggerRule trigger_rule = TriggerRule::all_success;
  WeightRule weight_rule = WeightRule::downstream;
  bool do_xcom_push = true;
  bool multiple_outputs = false;  ///< its result must be an object
  bool is_setup = false;
  bool is_teardown = false;
  bool on_failure_fail_dagrun = false;  ///< of a teardown: its failure counts for the run
  bool depends_on_past = false;
  bool wait_for_downstream = false;
  bool ignore_first_depends_on_past = false;
  std::shared_ptr<const std::vector<Callback>> callbacks;  ///< null: none
  std::vector<ContextRead> reads;                          ///< by `with`
  std::vector<ContextRead> opened;       ///< keys the operator may ask for itself ("x-reference": "context")
  std::vector<std::string> connections;  ///< ids it will use
};

/// A notifier: an operator that is told of something and whose own end changes nothing.
struct Callback {
  CallbackMoment moment = CallbackMoment::failure;
  /// Never null. Instead of the call's own, so that a thousand tasks may have one long text from `default_args`.
  std::shared_ptr<const ValueTemplate> with;
  Task call;  ///< `id` is that of the task it belongs to, or the Dag's; `op`, `reads` and `opened` are its own
};

/// A named part of a Dag: Airflow's TaskGroup.
struct TaskGroup {
  std::string id;  ///< with the ids of the groups around it: "outer.inner"
  std::string doc;
  GroupIndex parent;                       ///< invalid: none
  std::shared_ptr<const Mapping> mapping;  ///< null: not mapped
};

/// The validated graph of a workflow. Immutable, shared by all its runs, thread-safe. Edges by index, compressed.
class Dag {
 public:
  struct Edge {
    TaskIndex from;
    TaskIndex to;
  };
  /// What `params` says of one parameter. `schema` is null if any value will do.
  struct Param {
    std::string name;
    std::shared_ptr<const JsonSchema> schema;
    bool required = false;  ///< has no default: each run must give it
  };
  struct Header {
    std::string id;
    std::string description;
    std::vector<std::string> tags;
    Value params{std::string{"{}"}};  ///< defaults, an object: name -> value
    std::optional<Duration> dagrun_timeout;
    std::vector<Param> declared_params{};
    std::vector<TaskGroup> groups{};
    std::vector<std::string> pools{"default_pool"};  ///< that its tasks name
    std::size_t max_active_tasks = 0;                ///< of one run; 0: no limit
    std::size_t max_active_runs = 0;                 ///< at the same time; 0: no limit
    bool fail_fast = false;
    std::vector<Callback> callbacks{};          ///< on success or failure of the run
    std::shared_ptr<const DagSource> source{};  ///< null: made by hand
  };

  /// REQUIRES: task ids are unique, edges are within range, unique and without a cycle.
  Dag(Header header, std::vector<Task> tasks, const std::vector<Edge>& edges);
  Dag(Dag&&) = default;

  [[nodiscard]] const Header& header() const noexcept { return header_; }
  [[nodiscard]] const std::string& id() const noexcept { return header_.id; }
  [[nodiscard]] std::size_t size() const noexcept { return tasks_.size(); }
  [[nodiscard]] std::span<const Task> tasks() const noexcept { return tasks_; }  ///< in spec order
  [[nodiscard]] const Task& task(TaskIndex t) const noexcept { return tasks_[t.value]; }
  /// Invalid if there is none.
  [[nodiscard]] TaskIndex find(std::string_view id) const noexcept;
  [[nodiscard]] std::span<const TaskIndex> upstream(TaskIndex t) const noexcept;
  [[nodiscard]] std::span<const TaskIndex> downstream(TaskIndex t) const noexcept;
  /// Valid if its setups guard so many tasks that not all were found: the setup to blame. The builder refuses such a
  /// Dag.
  [[nodiscard]] TaskIndex too_heavy_setup() const noexcept { return scopes_.too_heavy(); }
  /// The setups that must have succeeded before a task runs, beyond those directly upstream of it. In spec order.
  [[nodiscard]] std::span<const TaskIndex> setups_of(TaskIndex t) const noexcept { return scopes_.setups_of(t); }
  /// The other way round: whose start such a setup decides on, beyond its direct downstreams. In spec order.
  [[nodiscard]] std::span<const TaskIndex> guarded_by(TaskIndex setup) const noexcept {
    return scopes_.guarded_by(setup);
  }
  /// Whether the run ends as this task ends: its leaves do, and of teardowns those with on_failure_fail_dagrun.
  [[nodiscard]] bool decides_run(TaskIndex t) const noexcept {
    return decides_.empty() ? is_leaf(t) : decides_[t.value];
  }
  /// Invalid if there is none.
  [[nodiscard]] GroupIndex find_group(std::string_view id) const noexcept;
  [[nodiscard]] const TaskGroup& group(GroupIndex g) const noexcept { return header_.groups[g.value]; }
  /// Whether the task stands in the group, or in one within it.
  [[nodiscard]] bool is_in(TaskIndex t, GroupIndex g) const noexcept {
    return task(t).group.valid() && members_.is_within(task(t).group, g);
  }
  /// In spec order, those of inner groups included.
  [[nodiscard]] std::vector<TaskIndex> tasks_of(GroupIndex g) const;
  /// The tasks of the group that have no upstream in it.
  [[nodiscard]] std::vector<TaskIndex> roots_of(GroupIndex g) const;
  /// Every task after all its upstreams; ties in spec order.
  [[nodiscard]] std::span<const TaskIndex> topological_order() const noexcept { return order_; }

 private:
  [[nodiscard]] std::size_t slot_of(std::string_view id) const noexcept;
  void index_ids();
  void sort_topologically(bool spec_order_will_do);
  void find_deciding_tasks();
  void index_groups();
  [[nodiscard]] bool is_leaf(TaskIndex t) const noexcept { return downstream(t).empty(); }

  Header header_;
  std::vector<Task> tasks_;
  std::vector<TaskIndex> by_id_;  ///< a hash table with open addressing, at most half full; invalid: free
  std::vector<std::uint32_t> upstream_start_, downstream_start_;
  std::vector<TaskIndex> upstream_, downstream_, order_;
  SetupScopes scopes_;
  GroupMembers members_;
  std::vector<GroupIndex> groups_by_id_;  ///< sorted by id
  std::vector<bool> decides_;             ///< empty: the leaves do
};

}  // namespace leeward
