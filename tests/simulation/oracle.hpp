#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/model/run_record.hpp"
#include "tests/simulation/clears.hpp"
#include "tests/simulation/fates.hpp"
#include "tests/simulation/graph.hpp"
#include "tests/simulation/mapped_lists.hpp"
#include "tests/simulation/outcomes.hpp"

namespace leeward::test {

/// Says what a scenario comes to, from Airflow's prose and the scripted outcomes alone: slow, and with nothing of the
/// engine in it.
///
/// Tasks are worked out one after the other until no more can be: whose upstreams are known. The end of nearly every
/// instance follows. Where it hangs on an order that nobody promises (a failed and a skipped upstream of one
/// all_success task: whoever is first; a branch that skips a task which another upstream may have started already),
/// the oracle knows the set of lawful fates. Then it looks at what happened, insists that it is one of them, and goes
/// on from there. Whether it was the right one for the order of events is for the DecisionWatch to say
/// (decision_watch.hpp).
///
/// Of a run of which tasks were cleared it works out what came after the last clear; whatever had begun by then and
/// was not cleared is given.
///
/// Only for scenarios that nothing stops.
class Oracle {
 public:
  Oracle(const RandomScenario& scenario, const RunRecord& happened, AfterClears after = {});

  /// Every difference between what should have happened and what did; empty: none.
  [[nodiscard]] const std::vector<std::string>& differences() const { return differences_; }
  /// Instances whose fate hung on an order, and how many there were.
  [[nodiscard]] int open_fates() const { return open_fates_; }
  [[nodiscard]] int instances() const { return instances_; }

 private:
  /// What became of one instance.
  struct End {
    TaskState state = TaskState::none;
    int tries = 0;
    std::optional<std::string> value;  ///< what it gave its downstreams to read
    std::optional<std::set<TaskIndex>> followed;
    SkipDownstream skips = SkipDownstream::none;
  };
  /// What became of a task: of its one instance (map index -1), or of each of them.
  struct TaskEnd {
    bool known = false;
    bool is_expanded = false;
    bool over_nothing = false;  ///< mapped, and there was no item
    std::vector<End> instances;
  };
  /// What a mapping came to.
  struct Expansion {
    bool of_literals = false;
    std::optional<TaskState> instead;  ///< there are no items: the state this gives
    std::vector<Item> items;
  };

  void take_as_it_is(TaskIndex task);
  [[nodiscard]] bool can_solve(TaskIndex task) const;
  void solve(TaskIndex task);
  void solve_mapped(TaskIndex task);
  void solve_in_group(TaskIndex task);

  /// Those who skip a task, and how far each of them may be without having skipped it: not at its end. One with several
  /// instances speaks with the last of them.
  struct Skippers {
    std::vector<TaskIndex> tasks;
    std::map<TaskIndex, std::size_t> last;  ///< instance, by task
  };

  // What may become of an instance.
  [[nodiscard]] Fate fate_of(TaskIndex task, int map_index);
  [[nodiscard]] Fate settle(TaskIndex task, int map_index, const std::set<Fate>& lawful);
  [[nodiscard]] std::set<Fate> lawful_fates(TaskIndex task, int map_index, bool may_run = true) const;
  [[nodiscard]] std::vector<TaskIndex> gate_of(TaskIndex task) const;
  [[nodiscard]] std::vector<Ending> endings_before(TaskIndex task, int map_index, const Skippers& skippers) const;
  void add_endings(const Ending& role, TaskIndex of, TaskIndex task, int map_index, const Skippers& skippers,
                   std::vector<Ending>& into) const;
  [[nodiscard]] bool gate_opens_before(TaskIndex task, const Skippers& skippers) const;
  [[nodiscard]] bool may_end_before(TaskIndex task, const Skippers& skippers) const;
  [[nodiscard]] std::vector<Skippers> skippers_of(TaskIndex task, int map_index) const;
  [[nodiscard]] std::set<Fate> fates_before(TaskIndex task, int map_index, bool may_run,
                                            const Skippers& skippers) const;
  [[nodiscard]] bool skips(TaskIndex by, TaskIndex task, int map_index) const;
  [[nodiscard]] bool skips_together(TaskIndex by, TaskIndex task) const;
  [[nodiscard]] bool skips(TaskIndex by, const End& end, TaskIndex task) const;
  [[nodiscard]] bool share_index(TaskIndex a, TaskIndex b) const;

  // What an instance does when it runs.
  [[nodiscard]] Expansion expansion_of(const Mapping& mapping, bool of_group) const;
  [[nodiscard]] End end_of(TaskIndex task, int map_index, Fate fate, const Item& item) const;
  /// Without another try.
  [[nodiscard]] End ended(TaskIndex task, int map_index, TaskState state) const;
  [[nodiscard]] End run(TaskIndex task, int map_index, const Item& item) const;
  [[nodiscard]] OutcomeKind kind_of(TaskIndex task, const Act& act) const;
  void succeed(TaskIndex task, const TaskOutcome& outcome, const std::string& value, End& end) const;
  [[nodiscard]] std::optional<std::string> read(TaskIndex producer, TaskIndex reader, int map_index) const;
  [[nodiscard]] std::optional<std::string> published(TaskIndex producer) const;

  // What happened.
  [[nodiscard]] const TaskRecord* happened(TaskIndex task, int map_index) const;
  [[nodiscard]] int tries_before(TaskIndex task, int map_index) const;
  [[nodiscard]] bool was_published(const std::string& name) const;
  void compare_states();
  void compare_context();
  void differ(const std::string& what) { differences_.push_back(what); }
  [[nodiscard]] std::string name(TaskIndex task, int map_index) const;

  const RandomScenario& scenario_;
  const Dag& dag_;
  const Outcomes outcomes_;
  const Graph graph_;
  const RunRecord& record_;
  const AfterClears after_;
  std::map<std::pair<std::string, int>, const TaskRecord*> happened_;
  std::vector<TaskEnd> ends_;
  std::map<GroupIndex, Expansion> groups_;
  std::vector<std::string> differences_;
  int open_fates_ = 0;
  int instances_ = 0;
};

}  // namespace leeward::test
