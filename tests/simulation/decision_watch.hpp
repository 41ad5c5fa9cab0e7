#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/graph.hpp"
#include "tests/simulation/random_dag.hpp"
#include "tests/simulation/rule_table.hpp"
#include "tests/simulation/standing.hpp"

namespace leeward::test {

/// Follows a run event by event and says of each task, with counts of its own, when its upstreams have decided about it
/// and how. Then insists that the engine does just that: the first decision counts, nothing starts or is given up
/// without one, and none waits for time to pass.
class DecisionWatch {
 public:
  DecisionWatch(const RandomScenario& scenario, const Graph& graph, std::vector<std::string>& broken);

  /// REQUIRES: `standing` is as before the event.
  void before(const Event& event, const Standing& standing);
  /// REQUIRES: `standing` is as after the event.
  void after(const Event& event, const Standing& standing);

 private:
  /// What is decided about: a task (map index -1), or one index of a task in a mapped group.
  using Node = std::pair<TaskIndex, int>;
  struct Due {
    Fate fate = Fate::runs;
    Timestamp since;
    bool is_done = false;
  };

  void note_stop(const Event& event);
  void check_leaving_none(const Event& event, const Standing& standing);
  [[nodiscard]] Node node_of(TaskIndex task, int map_index) const;
  [[nodiscard]] std::optional<TaskState> state_without_items(const Event& event, const Standing& standing) const;

  void hear_choice(const Event& event, const Standing& standing);
  void skip(TaskIndex by, int map_index, const Event& event, const Standing& standing, bool inside);
  void reconsider(const Event& event, const Standing& standing);
  [[nodiscard]] bool is_held(TaskIndex task, int map_index, const Standing& standing) const;
  [[nodiscard]] bool lists_are_there(TaskIndex task, const Standing& standing) const;
  [[nodiscard]] Knowledge knowledge(TaskIndex task, int map_index, const Standing& standing) const;
  [[nodiscard]] std::vector<Node> nodes(const Standing& standing) const;
  [[nodiscard]] std::string name(const Node& node) const;

  /// What an instance said when it succeeded.
  struct Said {
    bool chose = false;
    std::vector<TaskIndex> followed;
    SkipDownstream skips = SkipDownstream::none;
  };
  [[nodiscard]] Said said(const Event& event) const;
  [[nodiscard]] Said together(TaskIndex task, const Standing& standing) const;
  [[nodiscard]] bool skips(TaskIndex by, const Said& said, TaskIndex task) const;

  const RandomScenario& scenario_;
  const Dag& dag_;
  const Graph& graph_;
  std::vector<std::string>& broken_;
  std::map<Node, Due> due_;
  std::map<Node, Said> said_;
  std::set<TaskIndex> over_nothing_;            ///< mapped, and there was no item
  std::vector<std::vector<TaskIndex>> guards_;  ///< by task
  Timestamp started_;
  bool run_stops_ = false;    ///< from here on what has not started need not
  bool failed_fast_ = false;  ///< and must not, but for teardowns
};

}  // namespace leeward::test
