#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string_view>

#include "core/load/arrow_builder.hpp"
#include "core/load/mapping_parser.hpp"
#include "core/load/name_resolver.hpp"
#include "core/load/params_checker.hpp"
#include "core/model/dag_spec.hpp"

namespace leeward {

/// The groups that are mapped, while one Dag is built: compiles what they are mapped over, asks who publishes it, and
/// refuses what cannot be mapped once more within them. What it is given must outlive it.
class GroupMappings {
 public:
  GroupMappings(const DagSpec& spec, ParamsChecker& checker, Errors& errors);

  /// REQUIRES: the arrows are built. Each group's lists are read where the group begins.
  void add_places(ArrowBuilder& arrows, NameResolver& names);

  /// After the names were resolved. Null if the group itself is not mapped.
  [[nodiscard]] std::shared_ptr<const Mapping> take(GroupIndex group, const NameResolver& names);

 private:
  struct Mapped {
    CheckedMapping checked;
    std::uint32_t place = 0;  ///< of the NameResolver's
  };
  void check_nesting(GroupIndex group);
  void check_tasks();

  const DagSpec& spec_;
  Errors& errors_;
  std::map<GroupIndex, Mapped> mapped_;
};

}  // namespace leeward
