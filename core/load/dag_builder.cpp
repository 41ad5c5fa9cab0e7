#include "core/load/dag_builder.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/base/quoted.hpp"
#include "core/load/arrow_builder.hpp"
#include "core/load/callback_builder.hpp"
#include "core/load/group_mappings.hpp"
#include "core/load/guesser.hpp"
#include "core/load/item_names.hpp"
#include "core/load/mapping_parser.hpp"
#include "core/load/name_resolver.hpp"
#include "core/load/node_index.hpp"
#include "core/load/operator_finder.hpp"
#include "core/load/params_checker.hpp"
#include "core/load/rule_checks.hpp"
#include "core/load/setup_rules.hpp"
#include "core/load/spec_limits.hpp"
#include "core/load/spec_values.hpp"
#include "core/load/task_graph.hpp"

namespace leeward {

namespace {

class DagBuilder {
 public:
  DagBuilder(DagSpec spec, const OperatorCatalog& catalog, Errors& errors)
      : spec_(std::move(spec)),
        errors_(errors),
        params_checker_(catalog, errors),
        operators_(catalog),
        callbacks_(spec_, operators_, params_checker_, errors_),
        nodes_(spec_, errors) {}

  std::shared_ptr<const Dag> build() {
    check_pools();
    check_params();
    callbacks_.check();
    GroupMappings group_mappings{spec_, params_checker_, errors_};
    const std::size_t mistakes_before_edges = errors_.size();
    const auto setups = link_setups(spec_, nodes_, errors_);
    const TaskGraph graph = arrows_.build(setups);
    const bool arrows_are_right = nodes_.is_complete() && errors_.size() == mistakes_before_edges;
    check_trigger_rules(spec_, graph, errors_);
    const PublishedNames published{spec_, params_, ops_, errors_};
    NameResolver names{spec_, params_, ops_, published, errors_};
    for (auto& [task, mapped] : mappings_) mapped.place = names.add_place({task, &mapped.checked.asks, false});
    callbacks_.add_places(names);
    group_mappings.add_places(arrows_, names);
    names.check_names();
    for (const auto& [task, mapped] : mappings_) {
      if (!names.needs_of(mapped.place).empty()) check_rule_of_mapped(spec_.tasks[task], errors_);
    }
    const auto cycles = graph.cycles();
    for (const auto& cycle : cycles) arrows_.tell_cycle(cycle);
    if (cycles.empty() && arrows_are_right) names.check_order(graph);
    check_downstream(graph, arrows_are_right);
    if (!errors_.empty()) return nullptr;
    add_groups(group_mappings, names);
    return finish(graph, names, published);
  }

 private:
  // ---- tasks and operators ----

  void check_pools() {
    std::set<std::string_view> named;
    for (const TaskSpec& task : spec_.tasks) {
      if (task.settings.pool.empty() || !named.insert(task.settings.pool).second || named.size() <= kMaxPools) continue;
      return add_error(errors_, "spec.limit", "a DAG names at most " + std::to_string(kMaxPools) + " pools",
                       task.source);
    }
  }

  void check_params() {
    ops_.reserve(spec_.tasks.size());
    params_.resize(spec_.tasks.size());
    for (std::uint32_t t = 0; t < spec_.tasks.size(); ++t) {
      const TaskSpec& task = spec_.tasks[t];
      const OperatorInfo* op = ops_.emplace_back(task.op.exists() ? operators_.find(task.op, errors_) : nullptr);
      if (task.mapping.exists()) {
        mappings_[t].checked = parse_mapping(task.mapping, {task.with, op}, spec_.document, params_checker_, errors_);
      } else if (task.mapping.max_map_length.exists()) {
        add_key_error(errors_, "spec.value", "there is no \"expand\" whose length this could limit",
                      task.mapping.max_map_length);
      }
      const bool mistaken = !task.with.exists() && task.source["with"].exists();
      if (op == nullptr || mistaken) continue;
      params_[t] = task.mapping.expand_kwargs.exists()
                       ? params_checker_.check_part(task.with, *op, spec_.document)
                       : params_checker_.check(task.with, task.source, *op, spec_.document);
      if (task.mapping.exists()) take_requests(mappings_[t].checked.asks, params_[t]);
    }
  }

  /// What the objects of an `expand_kwargs` ask of tasks and connections, the task asks.
  static void take_requests(CheckedParams& asks, CheckedParams& into) {
    for (const Json& id : asks.downstream) into.downstream.push_back(id);
    for (const Json& key : asks.opened) into.opened.push_back(key);
    for (const std::string& id : asks.connections) into.connections.push_back(id);
    asks.opened.clear();
  }

  // ---- names of tasks in parameters ----

  void check_downstream(const TaskGraph& graph, bool arrows_are_right) {
    for (std::uint32_t t = 0; t < params_.size(); ++t) {
      std::unordered_map<std::uint32_t, bool> known;  // a task may be named in many cases
      for (const Json& id : params_[t].downstream) {
        const std::uint32_t to = nodes_.find(id.string(), id);
        if (to == NodeIndex::kNone || !arrows_are_right) continue;
        const auto [entry, fresh] = known.try_emplace(to, false);
        if (fresh) entry->second = is_downstream(graph, t, to);
        if (entry->second) continue;
        const std::string task = nodes_.describe(t);
        add_error(errors_, "spec.not_downstream",
                  nodes_.describe(to) + " is not directly downstream of " + task + ": an arrow from " + task +
                      " to it is missing",
                  id);
      }
    }
  }

  /// Directly, and of a group all its roots.
  bool is_downstream(const TaskGraph& graph, std::uint32_t task, std::uint32_t node) {
    if (!nodes_.is_group(node)) return graph.has_edge(task, node);
    const auto& roots = arrows_.roots_of(nodes_.group_of(node));
    return std::all_of(roots.begin(), roots.end(), [&](std::uint32_t root) { return graph.has_edge(task, root); });
  }

  // ---- the end ----

  void add_groups(GroupMappings& mappings, const NameResolver& names) {
    spec_.header.groups.reserve(spec_.groups.size());
    for (GroupIndex g{0}; g.value < spec_.groups.size(); ++g.value) {
      const GroupSpec& from = spec_.groups[g.value];
      TaskGroup& group = spec_.header.groups.emplace_back();
      group.id = from.id;
      group.parent = from.in_group;
      if (from.doc.exists()) group.doc = from.doc.string();
      group.mapping = mappings.take(g, names);
    }
  }

  std::shared_ptr<const Dag> finish(const TaskGraph& graph, const NameResolver& names,
                                    const PublishedNames& published) {
    std::vector<Task> tasks(spec_.tasks.size());
    for (std::uint32_t t = 0; t < tasks.size(); ++t) {
      const TaskSpec& from = spec_.tasks[t];
      Task& task = tasks[t];
      task.id = from.id();
      task.op = ops_[t];
      task.with = std::move(params_[t].with);
      if (from.output_key.exists()) task.output_key = from.output_key.string();
      task.group = from.in_group;
      task.mapped_group = mapped_group(spec_, from.in_group);
      task.is_setup = from.is_setup;
      task.is_teardown = from.is_teardown();
      task.on_failure_fail_dagrun = from.on_failure_fail_dagrun;
      set(task, from.settings);
      for (const auto& member : published.members_of(t)) task.outputs.emplace_back(member.name);
      if (from.doc.exists()) task.doc = from.doc.string();
      task.reads = names.reads_of(t);
      task.opened = names.opened_of(t);
      task.connections = std::move(params_[t].connections);
    }
    callbacks_.finish(names, spec_.header, tasks);
    for (auto& [t, mapped] : mappings_) {
      mapped.checked.mapping->reads = names.needs_of(mapped.place);
      tasks[t].mapping = std::move(mapped.checked.mapping);
    }
    std::vector<Dag::Edge> edges;
    edges.reserve(graph.edges().size());
    for (const auto& edge : graph.edges()) edges.push_back({TaskIndex{edge.from}, TaskIndex{edge.to}});
    auto dag = std::make_shared<const Dag>(std::move(spec_.header), std::move(tasks), edges);
    if (!dag->too_heavy_setup().valid()) return dag;
    tell_too_heavy(*dag, dag->too_heavy_setup());
    return nullptr;
  }

  void tell_too_heavy(const Dag& dag, TaskIndex setup) {
    const auto after = dag.downstream(setup);
    const bool torn_down =
        std::any_of(after.begin(), after.end(), [&](TaskIndex t) { return dag.task(t).is_teardown; });
    const std::string id = quoted(dag.task(setup).id);
    const std::string way_out = torn_down ? "fewer tasks between it and its teardowns would do"
                                          : "a teardown of it (\"teardown\": " + id + ") would end what it guards";
    add_error(errors_, "spec.limit",
              "the setups guard too many tasks: finding them takes more than " +
                  std::to_string(SetupScopes::kMaxSteps) + " steps, the limit. The heaviest is " + id +
                  ", which guards " + std::to_string(dag.guarded_by(setup).size()) + " of them; " + way_out,
              spec_.tasks[setup.value].source);
  }

  void set(Task& task, const TaskSettings& settings) {
    task.trigger_rule = settings.trigger_rule;
    task.retry = settings.retry;
    task.execution_timeout = settings.execution_timeout;
    task.priority_weight = settings.priority_weight;
    task.weight_rule = settings.weight_rule;
    if (!settings.pool.empty()) task.pool = pool_of(settings.pool);
    task.pool_slots = settings.pool_slots;
    task.max_active_tis_per_dagrun = settings.max_active_tis_per_dagrun;
    task.do_xcom_push = settings.do_xcom_push;
    const Json& outputs = settings.multiple_outputs;
    task.multiple_outputs = outputs.is_array() || (outputs.is_boolean() && outputs.boolean());
    task.depends_on_past = settings.depends_on_past || settings.wait_for_downstream;
    task.wait_for_downstream = settings.wait_for_downstream;
    task.ignore_first_depends_on_past = settings.ignore_first_depends_on_past;
  }

  std::uint16_t pool_of(std::string_view name) {
    auto& pools = spec_.header.pools;
    if (pool_numbers_.empty()) pool_numbers_.emplace(pools.front(), std::uint16_t{0});
    const auto [entry, fresh] = pool_numbers_.emplace(name, static_cast<std::uint16_t>(pools.size()));
    if (fresh) pools.emplace_back(name);
    return entry->second;
  }

  DagSpec spec_;
  Errors& errors_;
  ParamsChecker params_checker_;
  OperatorFinder operators_;
  CallbackBuilder callbacks_;
  NodeIndex nodes_;
  ArrowBuilder arrows_{spec_, nodes_, errors_};
  std::unordered_map<std::string, std::uint16_t> pool_numbers_;  ///< by name
  // By task, in spec order.
  std::vector<const OperatorInfo*> ops_;
  std::vector<CheckedParams> params_;
  struct Mapped {
    CheckedMapping checked;
    std::uint32_t place = 0;  ///< of the NameResolver's
  };
  std::map<std::uint32_t, Mapped> mappings_;  ///< of the tasks that have one
};

}  // namespace

std::shared_ptr<const Dag> build_dag(DagSpec spec, const OperatorCatalog& catalog, Errors& errors) {
  return DagBuilder{std::move(spec), catalog, errors}.build();
}

}  // namespace leeward
