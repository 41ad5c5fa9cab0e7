#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/base/json.hpp"
#include "core/load/guesser.hpp"
#include "core/model/dag_spec.hpp"

namespace leeward {

/// Who an id in a spec means: tasks, then groups, as numbers of one row. Tells of ids that are there twice and of ids
/// that nobody has. Lives while one Dag is built; the spec must outlive it and keep its tasks and groups.
class NodeIndex {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  NodeIndex(const DagSpec& spec, Errors& errors);

  /// False if some task has no id: then a name that nobody has may be meant for it.
  [[nodiscard]] bool is_complete() const noexcept { return complete_; }
  [[nodiscard]] bool is_group(std::uint32_t node) const noexcept { return node >= spec_.tasks.size(); }
  /// REQUIRES: a group.
  [[nodiscard]] GroupIndex group_of(std::uint32_t node) const noexcept {
    return {node - static_cast<std::uint32_t>(spec_.tasks.size())};
  }
  /// The group that the task or group stands in.
  [[nodiscard]] GroupIndex around(std::uint32_t node) const noexcept;
  /// `task "a"`, `group "g"`.
  [[nodiscard]] std::string describe(std::uint32_t node) const;

  /// kNone if there is none, which is told once for each place. `character` as in EdgeSpec.
  [[nodiscard]] std::uint32_t find(std::string_view id, const Json& source, std::uint32_t character = 0);
  /// As seen from within a group: what stands beside it is known by its own name.
  [[nodiscard]] std::uint32_t find_from(GroupIndex scope, std::string_view name, const Json& source);

  /// Where a name stands. To find a character of a line, the line is read up to it: for the first mistakes only.
  [[nodiscard]] Where place_of_name(const Json& source, std::uint32_t character);

 private:
  void add_tasks();
  void add_groups();
  void prepare_guesses();
  void tell_unknown(std::string_view name, const Json& source, std::uint32_t character);

  const DagSpec& spec_;
  Errors& errors_;
  bool complete_ = true;
  std::unordered_map<std::string_view, std::uint32_t> by_id_;
  std::optional<Guesser> ids_;                                       ///< made when the first guess is asked for
  std::unordered_map<std::string_view, std::uint32_t> by_own_name_;  ///< of what has a prefix; kNone: several
  std::set<std::pair<const char*, std::uint32_t>> unknown_;
  std::size_t exact_places_ = 0;
};

}  // namespace leeward
