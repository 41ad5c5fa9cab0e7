#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/simulation/graph.hpp"
#include "tests/simulation/random_dag.hpp"
#include "tests/simulation/standing.hpp"

namespace leeward::test {

/// Follows a run event by event and counts who is at work: never more than the pools' slots, max_active_tasks and
/// max_active_tis_per_dagrun allow, and nobody starts while a heavier task waits that could have started instead.
class LimitWatch {
 public:
  LimitWatch(const RandomScenario& scenario, const Graph& graph, std::vector<std::string>& broken);

  /// REQUIRES: `standing` is as before the event.
  void before(const Event& event, const Standing& standing);
  /// REQUIRES: `standing` is as after the event.
  void after(const Event& event, const Standing& standing);

 private:
  /// How much of everything limited is in use.
  struct Use {
    std::size_t active = 0;
    std::map<std::string, std::size_t> slots;
    std::map<TaskIndex, int> instances;
  };
  [[nodiscard]] Use use(const Standing& standing) const;
  /// Which limit one more of the task would break, or nobody more if the task is invalid; empty: none.
  [[nodiscard]] std::string broken_limit(Use use, TaskIndex one_more) const;
  [[nodiscard]] const std::string& pool_of(TaskIndex task) const;

  const RandomScenario& scenario_;
  const Dag& dag_;
  std::vector<std::string>& broken_;
  std::vector<std::int64_t> weights_;  ///< by task
  /// Heavier ones that somebody overtook at this moment. They may still start at the same moment: then no harm is done.
  std::map<InstanceIndex, std::string> overtaken_;
  Timestamp now_;
};

}  // namespace leeward::test
