#include "core/load/arrow_builder.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "core/load/spec_limits.hpp"
#include "core/load/spec_values.hpp"

namespace leeward {

namespace {

constexpr std::uint32_t kNone = NodeIndex::kNone;

}  // namespace

// ---- arrows as they are written ----

TaskGraph ArrowBuilder::build(const std::vector<SetupLink>& setups) {
  for (std::uint32_t e = 0; e < spec_.edges.size(); ++e) {
    const EdgeSpec& edge = spec_.edges[e];
    const std::uint32_t from = nodes_.find(edge.from, edge.source, edge.from_character);
    add(from, nodes_.find(edge.to, edge.source, edge.to_character), e);
  }
  add_dependencies();
  for (const SetupLink& link : setups) {
    const auto origin = static_cast<std::uint32_t>(spec_.edges.size());
    spec_.edges.push_back({link.source.string(), spec_.tasks[link.teardown].id(), link.source, 0, 0});
    add_edge(link.setup, link.teardown, origin);
  }
  // Where a group begins and ends is known once all arrows within it are: inner ones first.
  for (const auto& [around, arrows] : group_arrows_) {
    if (!all_fit(arrows)) break;
    for (const Arrow& arrow : arrows) unfold(arrow);
  }
  return TaskGraph{spec_.tasks.size(), std::move(edges_)};
}

void ArrowBuilder::add_dependencies() {
  for (std::uint32_t t = 0; t < spec_.tasks.size(); ++t) {
    const TaskSpec& task = spec_.tasks[t];
    add_written(task.depends_on, task.task_id.exists() ? t : kNone, task.in_group);
    if (spec_.edges.size() <= kMaxEdges) continue;
    return add_error(errors_, "spec.limit", "a DAG has at most " + std::to_string(kMaxEdges) + " dependencies",
                     task.source);
  }
  for (std::uint32_t g = 0; g < spec_.groups.size(); ++g) {
    const GroupSpec& group = spec_.groups[g];
    add_written(group.depends_on, static_cast<std::uint32_t>(spec_.tasks.size()) + g, group.in_group);
  }
}

void ArrowBuilder::add_written(const Json& names, std::uint32_t to, GroupIndex scope) {
  for (const Json& name : names) {
    if (!name.is_string()) continue;  // told by the parser
    const auto origin = static_cast<std::uint32_t>(spec_.edges.size());
    spec_.edges.push_back({name.string(), {}, name, 0, 0});
    add(nodes_.find_from(scope, name.string(), name), to, origin);
  }
}

void ArrowBuilder::add(std::uint32_t from, std::uint32_t to, std::uint32_t origin) {
  if (from == kNone || to == kNone) return;
  if (!nodes_.is_group(from) && !nodes_.is_group(to)) return add_edge(from, to, origin);
  if (from == to || stands_in(from, to) || stands_in(to, from)) {
    const std::string message = from == to ? nodes_.describe(from) + " depends on itself"
                                           : nodes_.describe(stands_in(from, to) ? from : to) + " stands in " +
                                                 nodes_.describe(stands_in(from, to) ? to : from) +
                                                 ", so neither of the two can come before the other";
    return tell("spec.cycle", message, origin);
  }
  const GroupIndex around = ends_.common(nodes_.around(from), nodes_.around(to));
  group_arrows_[around.valid() ? std::int64_t{around.value} : -1].push_back({from, to, origin});
}

void ArrowBuilder::add_edge(std::uint32_t from, std::uint32_t to, std::uint32_t origin) {
  if (from != to) {
    edges_.push_back({from, to, origin});
    ends_.add_arrow(from, to);
  } else if (told_.insert(from).second) {
    tell("spec.cycle", nodes_.describe(from) + " depends on itself", origin);
  }
}

bool ArrowBuilder::stands_in(std::uint32_t node, std::uint32_t group) const {
  return nodes_.is_group(group) && ends_.is_within(nodes_.around(node), nodes_.group_of(group));
}

// ---- arrows of groups ----

/// Counts before anything is unfolded: two groups of a thousand tasks are a million arrows.
bool ArrowBuilder::all_fit(const std::vector<Arrow>& arrows) {
  std::size_t size = edges_.size();
  for (const Arrow& arrow : arrows) {
    size += begins_of(arrow).size() * ends_of(arrow).size();
    if (size <= kMaxEdges) continue;
    tell("spec.limit",
         "with this one the DAG has more than " + std::to_string(kMaxEdges) + " dependencies between tasks",
         arrow.origin);
    return false;
  }
  return true;
}

void ArrowBuilder::unfold(const Arrow& arrow) {
  const auto ends = ends_of(arrow);
  for (const std::uint32_t from : begins_of(arrow)) {
    for (const std::uint32_t to : ends) add_edge(from, to, arrow.origin);
  }
}

std::span<const std::uint32_t> ArrowBuilder::begins_of(const Arrow& arrow) {
  if (!nodes_.is_group(arrow.from)) return {&arrow.from, 1};
  if (!has_tasks(arrow.from, arrow.origin)) return {};
  const GroupEnds::Ends& ends = ends_.of(nodes_.group_of(arrow.from));
  if (ends.leaves.empty() && ends.only_setups && told_.insert(arrow.from).second) {
    tell("spec.empty_group",
         nodes_.describe(arrow.from) +
             " holds only setups and teardowns, for which nothing waits: let what comes after it depend on what comes "
             "before it",
         arrow.origin);
  }
  return ends.leaves;
}

std::span<const std::uint32_t> ArrowBuilder::ends_of(const Arrow& arrow) {
  if (!nodes_.is_group(arrow.to)) return {&arrow.to, 1};
  if (!has_tasks(arrow.to, arrow.origin)) return {};
  return ends_.of(nodes_.group_of(arrow.to)).roots;
}

bool ArrowBuilder::has_tasks(std::uint32_t group, std::uint32_t origin) {
  if (ends_.has_tasks(nodes_.group_of(group))) return true;
  if (told_.insert(group).second) {
    tell("spec.empty_group", nodes_.describe(group) + " has no tasks that an arrow could join", origin);
  }
  return false;
}

// ---- mistakes ----

void ArrowBuilder::tell(const char* code, std::string message, std::uint32_t origin) {
  if (!has_room(errors_)) return;
  const EdgeSpec& edge = spec_.edges[origin];
  errors_.push_back({code, std::move(message), nodes_.place_of_name(edge.source, edge.to_character)});
}

void ArrowBuilder::tell_cycle(const std::vector<TaskGraph::Edge>& cycle) {
  constexpr std::size_t kTold = 12;
  std::string path;
  for (std::size_t i = 0; i < cycle.size(); ++i) {
    if (i == kTold && cycle.size() > kTold + 1) {
      path += "... (" + std::to_string(cycle.size() - kTold) + " more) -> ";
      break;
    }
    path += std::string{spec_.tasks[cycle[i].from].id()} + " -> ";
  }
  path += spec_.tasks[cycle.front().from].id();
  tell("spec.cycle", "these tasks wait for each other: " + path, cycle.back().origin);
}

}  // namespace leeward
