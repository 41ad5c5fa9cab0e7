#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/json.hpp"
#include "core/load/guesser.hpp"
#include "core/model/dag_spec.hpp"

namespace leeward {

/// Finds out which groups a spec has and what stands in what, and gives everything in them its full id. Part of the
/// parser, lives as long as it does.
///
/// A name with dots is a path: "outer.inner" is `inner` in `outer`. Groups that are declared nowhere are made as tasks
/// name them, but only in a DAG without "groups": beside declared ones a strange name is a slip.
class GroupReader {
 public:
  /// Both must outlive the reader.
  GroupReader(DagSpec& spec, Errors& errors) : spec_(spec), errors_(errors) {}

  /// What stands under "groups". `defaults` is what the DAG's default_args say of a task.
  void declare(const Json& groups, const TaskSpec& defaults);

  /// A task that only default_args speak of: those of the group that the task names, or `of_dag`.
  [[nodiscard]] const TaskSpec& defaults_of(const Json& task, const TaskSpec& of_dag) const;

  /// After all tasks were read: each gets its group and its full id.
  void place_tasks();

 private:
  /// A group that has no place in the spec yet.
  struct Draft {
    std::string name;  ///< as written: a path
    GroupSpec group;
    std::size_t parent = kNone;
    std::vector<std::size_t> inner;
  };
  static constexpr std::size_t kNone = SIZE_MAX;

  void add_draft(std::string name, const Json& source);
  void read_keys(const Json& source, GroupSpec& group);
  void gather_from_tasks();
  void find_parents();
  void find_parent(Draft& draft);
  void tell_cycles();
  void take(std::size_t draft, GroupIndex around, int depth);
  void merge_defaults(const TaskSpec& defaults);
  [[nodiscard]] std::string guess(std::string_view name);

  DagSpec& spec_;
  Errors& errors_;
  bool declared_ = false;
  std::vector<Draft> drafts_;
  std::unordered_map<std::string, std::size_t> draft_by_name_;
  std::unordered_map<std::string, GroupIndex> by_name_;
  std::optional<Guesser> names_;  ///< made when the first guess is asked for
};

}  // namespace leeward
