#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "core/load/group_ends.hpp"
#include "core/load/node_index.hpp"
#include "core/load/setup_rules.hpp"
#include "core/load/task_graph.hpp"
#include "core/model/dag_spec.hpp"

namespace leeward {

/// From the arrows as they are written, between tasks and groups, to arrows between tasks. Lives while one Dag is
/// built; what it is given must outlive it. Codes spec.unknown_task spec.cycle spec.limit spec.empty_group.
class ArrowBuilder {
 public:
  ArrowBuilder(DagSpec& spec, NodeIndex& nodes, Errors& errors)
      : spec_(spec), nodes_(nodes), errors_(errors), ends_(spec) {}

  /// REQUIRES: called once. `setups`: whose arrows to their teardowns nobody wrote.
  [[nodiscard]] TaskGraph build(const std::vector<SetupLink>& setups);

  /// After build(): where arrows to a group end.
  [[nodiscard]] const std::vector<std::uint32_t>& roots_of(GroupIndex group) { return ends_.of(group).roots; }

  void tell_cycle(const std::vector<TaskGraph::Edge>& cycle);

 private:
  struct Arrow {
    std::uint32_t from, to, origin;
  };
  void add_dependencies();
  void add_written(const Json& names, std::uint32_t to, GroupIndex scope);
  void add(std::uint32_t from, std::uint32_t to, std::uint32_t origin);
  void add_edge(std::uint32_t from, std::uint32_t to, std::uint32_t origin);
  [[nodiscard]] bool all_fit(const std::vector<Arrow>& arrows);
  void unfold(const Arrow& arrow);
  /// Tasks. Valid as long as the arrow.
  std::span<const std::uint32_t> begins_of(const Arrow& arrow);
  std::span<const std::uint32_t> ends_of(const Arrow& arrow);
  [[nodiscard]] bool has_tasks(std::uint32_t group, std::uint32_t origin);
  [[nodiscard]] bool stands_in(std::uint32_t node, std::uint32_t group) const;
  void tell(const char* code, std::string message, std::uint32_t origin);

  DagSpec& spec_;
  NodeIndex& nodes_;
  Errors& errors_;
  GroupEnds ends_;
  std::vector<TaskGraph::Edge> edges_;
  /// To or from a group, by the group around both ends, the last of the spec first; those around none are the last.
  std::map<std::int64_t, std::vector<Arrow>, std::greater<>> group_arrows_;
  std::set<std::uint32_t> told_;  ///< tasks that depend on themselves, groups that no arrow can begin or end at
};

}  // namespace leeward
