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
#include "core/model/operator_info.hpp"
#include "core/model/template.hpp"
#include "core/model/trigger_rule.hpp"

namespace leeward {

/// Again after a failure, and when. Airflow's names and defaults.
struct RetryRules {
  int retries = 0;  ///< attempts = retries + 1
  Duration delay = std::chrono::seconds{300};
  double exponential_backoff = 0;  ///< the multiplier; 0 and 1: the delay stays
  std::optional<Duration> max_delay;
};

/// A name that a task's templates read, and who may have published it: ancestors only, the latest in topological order
/// first. Empty for a name that the engine itself provides (params, ds, an expand key ...).
struct ContextRead {
  std::string name;
  std::vector<TaskIndex> producers;
};

/// A node of a Dag. Immutable.
struct Task {
  std::string id;
  const OperatorInfo* op = nullptr;  ///< owned by the catalog, which outlives the Dag
  ValueTemplate with;                ///< renders to the operator's params
  struct Expand {
    std::string key;  ///< the name its templates use for the item
    ValueTemplate items;
  };
  std::vector<Expand> expand;  ///< empty: one instance. Several keys: their product, the last key fastest
  std::string output_key;      ///< empty: publishes nothing
  TriggerRule trigger_rule = TriggerRule::all_success;
  RetryRules retry;
  std::optional<Duration> execution_timeout;
  int priority_weight = 1;
  bool do_xcom_push = true;
  std::string doc;
  std::vector<ContextRead> reads;        ///< by `with` and `expand`
  std::vector<ContextRead> opened;       ///< keys the operator may ask for itself ("x-reference": "context")
  std::vector<std::string> connections;  ///< ids it will use
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
  /// Every task after all its upstreams; ties in spec order.
  [[nodiscard]] std::span<const TaskIndex> topological_order() const noexcept { return order_; }

 private:
  [[nodiscard]] std::size_t slot_of(std::string_view id) const noexcept;
  void index_ids();
  void sort_topologically(bool spec_order_will_do);

  Header header_;
  std::vector<Task> tasks_;
  std::vector<TaskIndex> by_id_;  ///< a hash table with open addressing, at most half full; invalid: free
  std::vector<std::uint32_t> upstream_start_, downstream_start_;
  std::vector<TaskIndex> upstream_, downstream_, order_;
};

}  // namespace leeward
