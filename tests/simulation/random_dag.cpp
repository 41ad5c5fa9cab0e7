#include "tests/simulation/random_dag.hpp"

#include <algorithm>
#include <utility>

#include "tests/simulation/dice.hpp"
#include "tests/simulation/random_mapping.hpp"
#include "tests/simulation/shapes.hpp"
#include "tests/support/dag_of.hpp"

namespace leeward::test {
namespace {

const OperatorInfo& once_info() {
  static const OperatorInfo info = [] {
    OperatorInfo once = scripted_info();
    once.traits.at_most_once = true;
    return once;
  }();
  return info;
}

using std::chrono::microseconds;
using std::chrono::seconds;

/// Tasks first..last, which are neighbours in number: no way that leaves them can come back.
struct Range {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  [[nodiscard]] bool holds(std::uint32_t task) const { return first <= task && task <= last; }
};

class Builder {
 public:
  explicit Builder(std::uint64_t seed) : dice_(Dice::of({seed, 3})), size_(1 + dice_.below(10)) {
    scenario_.seed = seed;
    edges_ = random_shape(dice_, size_);
    tasks_.resize(size_);
    scenario_.roles.resize(size_);
  }

  RandomScenario build();

 private:
  // The graph.
  void make_groups();
  void add_group(Range range, GroupIndex parent, bool mapped);
  void connect_group(Range range);
  void make_setups();

  // What stands in it.
  void make_limits();
  void dress(std::uint32_t number);
  void choose_rule(std::uint32_t number);
  void choose_role(std::uint32_t number);
  void map(std::uint32_t number);
  void give(std::uint32_t number);
  [[nodiscard]] std::vector<PublishedList> lists_above(std::uint32_t number, Range reader) const;

  [[nodiscard]] std::vector<std::uint32_t> upstream(std::uint32_t number) const;
  [[nodiscard]] bool has_downstream(std::uint32_t number) const;

  RandomScenario scenario_;
  Dice dice_;
  std::uint32_t size_;
  Edges edges_;
  std::vector<Task> tasks_;
  std::vector<Range> ranges_;  ///< by group
  std::vector<bool> gives_list_ = std::vector<bool>(32);
  Dag::Header header_;
};

std::vector<std::uint32_t> Builder::upstream(std::uint32_t number) const {
  std::vector<std::uint32_t> above;
  for (const auto& [from, to] : edges_) {
    if (to == number) above.push_back(from);
  }
  return above;
}

bool Builder::has_downstream(std::uint32_t number) const {
  const auto edge = edges_.lower_bound({number, 0});
  return edge != edges_.end() && edge->first == number;
}

void Builder::make_groups() {
  if (size_ < 2 || !dice_.one_in(2)) return;
  for (std::uint32_t next = dice_.below(3); next < size_; next += dice_.below(3)) {
    const Range outer{next, std::min(size_ - 1, next + dice_.below(4))};
    const bool maps_outer = dice_.one_in(2);
    add_group(outer, {}, maps_outer);
    const GroupIndex parent{static_cast<std::uint32_t>(ranges_.size() - 1)};
    if (dice_.one_in(3)) {
      const std::uint32_t first = outer.first + dice_.below(outer.last - outer.first + 1);
      add_group({first, outer.last}, parent, !maps_outer && dice_.one_in(2));
    }
    next = outer.last + 1;
  }
}

void Builder::add_group(Range range, GroupIndex parent, bool mapped) {
  const GroupIndex index{static_cast<std::uint32_t>(ranges_.size())};
  TaskGroup group;
  group.id = "g" + std::to_string(index.value);
  if (parent.valid()) group.id = header_.groups[parent.value].id + "." + group.id;
  group.parent = parent;
  for (std::uint32_t task = range.first; task <= range.last; ++task) {
    tasks_[task].group = index;
    if (mapped) tasks_[task].mapped_group = index;
  }
  header_.groups.push_back(std::move(group));
  ranges_.push_back(range);
  connect_group(range);
}

/// Edges to a group lead to its roots, and edges from it come from its leaves.
void Builder::connect_group(Range range) {
  std::vector<bool> is_root(size_, true);
  std::vector<bool> is_leaf(size_, true);
  for (const auto& [from, to] : edges_) {
    if (!range.holds(from) || !range.holds(to)) continue;
    is_root[to] = false;
    is_leaf[from] = false;
  }
  const bool into = range.first > 0 && dice_.one_in(2);
  const bool out = range.last + 1 < size_ && dice_.one_in(2);
  const std::uint32_t before = into ? dice_.below(range.first) : 0;
  const std::uint32_t after = out ? range.last + 1 + dice_.below(size_ - range.last - 1) : 0;
  for (std::uint32_t task = range.first; task <= range.last; ++task) {
    if (into && is_root[task]) edges_.emplace(before, task);
    if (out && is_leaf[task]) edges_.emplace(task, after);
  }
}

void Builder::make_setups() {
  if (!dice_.one_in(3)) return;
  for (std::uint32_t pairs = 1 + dice_.below(2); size_ >= 2 && pairs > 0; --pairs) {
    const std::uint32_t setup = dice_.below(size_ - 1);
    const std::uint32_t teardown = setup + 1 + dice_.below(size_ - setup - 1);
    if (tasks_[setup].is_teardown || tasks_[teardown].is_setup) continue;
    tasks_[setup].is_setup = true;
    if (dice_.one_in(6)) continue;  // a setup without a teardown
    tasks_[teardown].is_teardown = true;
    tasks_[teardown].on_failure_fail_dagrun = dice_.one_in(3);
    edges_.emplace(setup, teardown);
  }
}

void Builder::make_limits() {
  if (dice_.one_in(12)) header_.dagrun_timeout = seconds(1 + dice_.below(10)) + microseconds(500);
  if (dice_.one_in(12)) scenario_.cancels_at = seconds(dice_.below(10));
  header_.fail_fast = dice_.one_in(10);
  if (dice_.one_in(3)) scenario_.max_active_tasks = 1 + dice_.below(4);
  if (dice_.one_in(6)) header_.max_active_tasks = 1 + dice_.below(4);
  scenario_.asks_people = dice_.one_in(3);
  scenario_.defers = dice_.one_in(3);
  if (!dice_.one_in(2)) return;
  header_.pools = {"default_pool", "narrow", "wide"};
  scenario_.pools["narrow"] = {1, dice_.one_in(2)};
  scenario_.pools["wide"] = {2 + dice_.below(2), dice_.one_in(2)};
}

void Builder::choose_rule(std::uint32_t number) {
  Task& task = tasks_[number];
  const auto above = upstream(number);
  const bool after_setup =
      std::any_of(above.begin(), above.end(), [&](std::uint32_t up) { return tasks_[up].is_setup; });
  if (task.is_teardown) {
    task.trigger_rule = TriggerRule::all_done_setup_success;
    return;
  }
  if (after_setup || header_.fail_fast || dice_.one_in(2)) return;  // all_success is what a loader demands there
  const bool can_start_at_once = !task.mapped_group.valid();
  task.trigger_rule = static_cast<TriggerRule>(dice_.below(can_start_at_once ? 12 : 11));
}

void Builder::choose_role(std::uint32_t number) {
  if (!has_downstream(number) || tasks_[number].is_setup || tasks_[number].is_teardown) return;
  if (dice_.one_in(5)) scenario_.roles[number] = Role::branch;
  if (dice_.one_in(8)) scenario_.roles[number] = Role::short_circuit;
}

void Builder::dress(std::uint32_t number) {
  Task& task = tasks_[number];
  task.id = "t" + std::to_string(number);
  // Who may run at most once; that matters only where a process ends in the middle.
  task.op = Dice::of({scenario_.seed, 43, number}).one_in(12) ? &once_info() : &scripted_info();
  task.retry.retries = static_cast<int>(dice_.below(3));
  task.retry.delay = seconds(dice_.below(3));
  if (dice_.one_in(4)) task.execution_timeout = seconds(1 + dice_.below(3)) + microseconds(500);
  task.priority_weight = 1 + static_cast<int>(dice_.below(4));
  task.weight_rule = static_cast<WeightRule>(dice_.below(3));
  task.pool = static_cast<std::uint16_t>(dice_.below(header_.pools.size()));
  if (task.pool == 2) task.pool_slots = 1 + static_cast<int>(dice_.below(2));
  if (dice_.one_in(6)) task.max_active_tis_per_dagrun = 1 + static_cast<int>(dice_.below(2));
  if (!dice_.one_in(4)) task.output_key = "out_" + task.id;
  task.do_xcom_push = !dice_.one_in(10);
  choose_rule(number);
  choose_role(number);
}

/// What tasks that all readers come after may have published as lists.
std::vector<PublishedList> Builder::lists_above(std::uint32_t number, Range reader) const {
  std::vector<bool> is_above(size_);
  for (std::uint32_t task = number; task-- > 0;) {
    for (const auto& [from, to] : edges_) {
      if (from == task && (to == number || is_above[to])) is_above[task] = true;
    }
  }
  std::vector<PublishedList> lists;
  for (std::uint32_t task = 0; task < number; ++task) {
    const Task& producer = tasks_[task];
    if (!is_above[task] || reader.holds(task) || producer.output_key.empty() || !producer.do_xcom_push) continue;
    if (producer.is_setup) continue;  // what comes right after a setup may have one rule only
    // Now and then one that may well be no list.
    if (gives_list_[task] || Dice::of({scenario_.seed, number, task}).one_in(8))
      lists.push_back({producer.output_key, TaskIndex{task}});
  }
  return lists;
}

void Builder::map(std::uint32_t number) {
  Task& task = tasks_[number];
  if (task.mapped_group.valid()) {
    TaskGroup& group = header_.groups[task.mapped_group.value];
    const Range range = ranges_[task.mapped_group.value];
    if (number != range.first) return;
    // A list that its first task comes after; the loader lets all of them come after it.
    const auto lists = lists_above(number, range);
    group.mapping = random_mapping(dice_, lists, true);
    for (const ContextRead& read : group.mapping->reads) {
      for (std::uint32_t t = range.first; t <= range.last; ++t) edges_.emplace(read.producers.front().value, t);
    }
    return;
  }
  if (!dice_.one_in(4)) return;
  const bool can_start_at_once = task.trigger_rule == TriggerRule::always;
  const auto lists = can_start_at_once ? std::vector<PublishedList>{} : lists_above(number, {number, number});
  task.mapping = random_mapping(dice_, lists, false);
}

/// What the task returns: a number, a list, its items, or what an upstream published.
void Builder::give(std::uint32_t number) {
  Task& task = tasks_[number];
  const Mapping* mapping = task.mapping.get();
  const bool in_group = task.mapped_group.valid();
  if (in_group) mapping = header_.groups[task.mapped_group.value].mapping.get();
  TemplateText with;
  with.text(R"({"give":)");
  // Only where everybody above has ended when it starts: no race for what there is to read.
  const bool waits = task.trigger_rule < TriggerRule::one_success || task.trigger_rule > TriggerRule::one_done;
  const auto above = upstream(number);
  const std::uint32_t read = above.empty() ? 0 : dice_.pick(above);
  const bool starts_late = waits && task.trigger_rule != TriggerRule::always;
  if (!above.empty() && starts_late && !tasks_[read].output_key.empty() && tasks_[read].do_xcom_push &&
      dice_.one_in(4)) {
    with.hole(tasks_[read].output_key);
    task.reads.push_back({tasks_[read].output_key, {TaskIndex{read}}});
  } else if (mapping != nullptr && (in_group || !mapping->kwargs) && !dice_.one_in(4)) {
    with.text("[").hole("a").text(mapping->keys.size() > 1 ? "," : "");
    if (mapping->keys.size() > 1) with.hole("b");
    with.text("]");
    task.reads = {{"a", {}}, {"b", {}}};
  } else if (dice_.one_in(2)) {
    with.text("[");
    for (std::uint32_t i = 0, count = dice_.below(5); i < count; ++i) {
      with.text((i == 0 ? "" : ",") + std::to_string(dice_.below(100)));
    }
    with.text("]");
    gives_list_[number] = true;
  } else {
    with.text(dice_.one_in(4) ? "null" : std::to_string(dice_.below(100)));
  }
  task.with = with.text("}").done();
  gives_list_[number] = gives_list_[number] || mapping != nullptr;
}

RandomScenario Builder::build() {
  make_groups();
  make_setups();
  make_limits();
  for (std::uint32_t number = 0; number < size_; ++number) dress(number);
  for (std::uint32_t number = 0; number < size_; ++number) {
    map(number);
    give(number);
  }
  std::vector<Dag::Edge> edges;
  for (const auto& [from, to] : edges_) edges.push_back({TaskIndex{from}, TaskIndex{to}});
  header_.id = "random";
  scenario_.dag = std::make_shared<const Dag>(std::move(header_), std::move(tasks_), edges);
  return std::move(scenario_);
}

}  // namespace

RandomScenario random_scenario(std::uint64_t seed) { return Builder{seed}.build(); }

}  // namespace leeward::test
