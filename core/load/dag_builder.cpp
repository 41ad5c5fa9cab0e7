#include "core/load/dag_builder.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/load/callback_builder.hpp"
#include "core/load/guesser.hpp"
#include "core/load/mapping_parser.hpp"
#include "core/load/name_resolver.hpp"
#include "core/load/operator_finder.hpp"
#include "core/load/params_checker.hpp"
#include "core/load/spec_limits.hpp"
#include "core/load/spec_values.hpp"
#include "core/load/task_graph.hpp"
#include "core/load/template_parser.hpp"

namespace leeward {

namespace {

std::string quoted(std::string_view name) { return "\"" + std::string{name} + "\""; }

std::vector<std::string> task_ids(const DagSpec& spec) {
  std::vector<std::string> ids;
  for (const TaskSpec& task : spec.tasks) {
    if (task.task_id.exists()) ids.emplace_back(task.task_id.string());
  }
  return ids;
}

class DagBuilder {
 public:
  DagBuilder(DagSpec spec, const OperatorCatalog& catalog, Errors& errors)
      : spec_(std::move(spec)),
        errors_(errors),
        params_checker_(catalog, errors),
        operators_(catalog),
        callbacks_(spec_, operators_, params_checker_, errors) {}

  std::shared_ptr<const Dag> build() {
    index_tasks();
    check_pools();
    if (spec_.header.fail_fast) check_fail_fast();
    check_params();
    callbacks_.check();
    const std::size_t mistakes_before_edges = errors_.size();
    const TaskGraph graph = connect();
    edges_are_right_ &= errors_.size() == mistakes_before_edges;
    const PublishedNames published{spec_, params_, ops_, errors_};
    NameResolver names{spec_, params_, ops_, published, errors_};
    for (auto& [task, mapped] : mappings_) mapped.place = names.add_place({task, &mapped.checked.asks, false});
    callbacks_.add_places(names);
    names.check_names();
    const auto cycles = graph.cycles();
    for (const auto& cycle : cycles) {
      if (has_room(errors_)) tell_cycle(cycle);
    }
    if (cycles.empty() && edges_are_right_) names.check_order(graph);
    check_downstream(graph);
    if (!errors_.empty()) return nullptr;
    return finish(graph, names, published);
  }

 private:
  // ---- tasks and operators ----

  void index_tasks() {
    by_id_.reserve(spec_.tasks.size());
    for (std::uint32_t t = 0; t < spec_.tasks.size(); ++t) {
      const Json& id = spec_.tasks[t].task_id;
      if (!id.exists()) {
        edges_are_right_ = false;  // an arrow may mean this one
        continue;
      }
      const auto [entry, fresh] = by_id_.emplace(id.string(), t);
      if (fresh) continue;
      const Json& first = spec_.tasks[entry->second].task_id;
      add_error(errors_, "spec.duplicate_task",
                "task " + quoted(id.string()) + " is there already, on line " + std::to_string(first.position().line),
                id);
    }
  }

  void check_pools() {
    std::set<std::string_view> named;
    for (const TaskSpec& task : spec_.tasks) {
      if (task.settings.pool.empty() || !named.insert(task.settings.pool).second || named.size() <= kMaxPools) continue;
      return add_error(errors_, "spec.limit", "a DAG names at most " + std::to_string(kMaxPools) + " pools",
                       task.source);
    }
  }

  /// A run that ends at its first failure has no use for a rule that waits for one. Airflow:
  /// FailFastDagInvalidTriggerRule.
  void check_fail_fast() {
    const Json of_all = spec_.document->root()["default_args"]["trigger_rule"];
    bool told_of_all = false;
    for (const TaskSpec& task : spec_.tasks) {
      const TriggerRule rule = task.settings.trigger_rule;
      if (rule == TriggerRule::all_success || rule == TriggerRule::all_done_setup_success) continue;
      const Json own = task.source["trigger_rule"];
      if (!own.exists() && std::exchange(told_of_all, true)) continue;
      add_error(errors_, "spec.value",
                "with \"fail_fast\" every task's trigger rule is \"all_success\", and this is \"" +
                    std::string{to_string(rule)} + "\"",
                own.exists() ? own : of_all);
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

  // ---- arrows ----

  TaskGraph connect() {
    std::vector<TaskGraph::Edge> edges;
    for (const TaskSpec& task : spec_.tasks) {
      for (const Json& upstream : task.depends_on) {
        if (!upstream.is_string()) continue;  // told by the parser
        const std::string_view id = task.task_id.exists() ? task.task_id.string() : std::string_view{};
        spec_.edges.push_back({upstream.string(), id, upstream, 0, 0});
      }
      if (spec_.edges.size() <= kMaxEdges) continue;
      add_error(errors_, "spec.limit", "a DAG has at most " + std::to_string(kMaxEdges) + " dependencies", task.source);
      break;
    }
    edges.reserve(spec_.edges.size());
    for (std::uint32_t e = 0; e < spec_.edges.size(); ++e) {
      const EdgeSpec& edge = spec_.edges[e];
      const std::uint32_t from = find_task(edge.from, edge.source, edge.from_character);
      const std::uint32_t to = edge.to.empty() ? kNoTask : find_task(edge.to, edge.source, edge.to_character);
      if (from == kNoTask || to == kNoTask) continue;
      if (from != to) {
        edges.push_back({from, to, e});
      } else if (self_dependent_.insert(from).second && has_room(errors_)) {
        errors_.push_back({"spec.cycle", "task " + quoted(edge.from) + " depends on itself", place_of(edge)});
      }
    }
    return TaskGraph{spec_.tasks.size(), std::move(edges)};
  }

  std::uint32_t find_task(std::string_view id, const Json& source, std::uint32_t character) {
    const auto found = by_id_.find(id);
    if (found != by_id_.end()) return found->second;
    // A name stands in as many arrows as there are names on the other side.
    const bool first_time = unknown_tasks_.insert({source.text().data(), character}).second;
    if (!first_time) return kNoTask;
    if (!has_room(errors_)) return kNoTask;
    if (!ids_) ids_.emplace(task_ids(spec_));
    Where where = place_of_name(source, character);
    errors_.push_back({"spec.unknown_task", "no task " + quoted(id) + ids_->guess(id), std::move(where)});
    return kNoTask;
  }

  Where place_of(const EdgeSpec& edge) { return place_of_name(edge.source, edge.to_character); }

  /// To find a character of a line, the line is read up to it: for the first mistakes only.
  Where place_of_name(const Json& source, std::uint32_t character) {
    if (character == 0 || exact_places_ == kMaxExactPlaces) return source.where();
    ++exact_places_;
    return place_in(source, static_cast<int>(character));
  }

  void tell_cycle(const std::vector<TaskGraph::Edge>& cycle) {
    constexpr std::size_t kTold = 12;
    std::string path;
    for (std::size_t i = 0; i < cycle.size(); ++i) {
      if (i == kTold && cycle.size() > kTold + 1) {
        path += "... (" + std::to_string(cycle.size() - kTold) + " more) -> ";
        break;
      }
      path += std::string{spec_.tasks[cycle[i].from].task_id.string()} + " -> ";
    }
    path += spec_.tasks[cycle.front().from].task_id.string();
    errors_.push_back(
        {"spec.cycle", "these tasks wait for each other: " + path, place_of(spec_.edges[cycle.back().origin])});
  }

  // ---- names of tasks in parameters ----

  void check_downstream(const TaskGraph& graph) {
    std::set<std::pair<std::uint32_t, std::uint32_t>> arrows;
    const bool asked = std::any_of(params_.begin(), params_.end(), [](const auto& p) { return !p.downstream.empty(); });
    if (!asked) return;
    for (const TaskGraph::Edge& edge : graph.edges()) {
      if (!params_[edge.from].downstream.empty()) arrows.insert({edge.from, edge.to});
    }
    for (std::uint32_t t = 0; t < params_.size(); ++t) {
      for (const Json& id : params_[t].downstream) {
        const std::uint32_t to = find_task(id.string(), id, 0);
        if (to == kNoTask || arrows.contains({t, to}) || !edges_are_right_) continue;
        const std::string task = quoted(spec_.tasks[t].task_id.string());
        add_error(errors_, "spec.not_downstream",
                  "task " + quoted(id.string()) + " is not directly downstream of " + task + ": an arrow from " + task +
                      " to it is missing",
                  id);
      }
    }
  }

  // ---- the end ----

  std::shared_ptr<const Dag> finish(const TaskGraph& graph, const NameResolver& names,
                                    const PublishedNames& published) {
    std::vector<Task> tasks(spec_.tasks.size());
    for (std::uint32_t t = 0; t < tasks.size(); ++t) {
      const TaskSpec& from = spec_.tasks[t];
      Task& task = tasks[t];
      task.id = from.task_id.string();
      task.op = ops_[t];
      task.with = std::move(params_[t].with);
      if (from.output_key.exists()) task.output_key = from.output_key.string();
      set(task, from.settings);
      for (const auto& member : published.members_of(t)) task.outputs.emplace_back(member.name);
      if (from.doc.exists()) task.doc = from.doc.string();
      task.reads = names.reads_of(t);
      task.opened = names.opened_of(t);
      task.connections = std::move(params_[t].connections);
    }
    callbacks_.finish(names, spec_.header, tasks);
    for (auto& [t, mapped] : mappings_) {
      mapped.checked.mapping->reads = names.reads_of(mapped.place);
      std::erase_if(mapped.checked.mapping->reads, [](const ContextRead& read) { return read.producers.empty(); });
      tasks[t].mapping = std::move(mapped.checked.mapping);
    }
    std::vector<Dag::Edge> edges;
    edges.reserve(graph.edges().size());
    for (const auto& edge : graph.edges()) edges.push_back({TaskIndex{edge.from}, TaskIndex{edge.to}});
    return std::make_shared<const Dag>(std::move(spec_.header), std::move(tasks), edges);
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

  static constexpr std::uint32_t kNoTask = UINT32_MAX;

  DagSpec spec_;
  Errors& errors_;
  ParamsChecker params_checker_;
  OperatorFinder operators_;
  CallbackBuilder callbacks_;
  std::optional<Guesser> ids_;
  std::unordered_map<std::string, std::uint16_t> pool_numbers_;  ///< by name
  bool edges_are_right_ = true;
  std::unordered_map<std::string_view, std::uint32_t> by_id_;
  std::set<std::pair<const char*, std::uint32_t>> unknown_tasks_;
  std::set<std::uint32_t> self_dependent_;
  std::size_t exact_places_ = 0;
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
