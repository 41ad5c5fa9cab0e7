#include "core/load/group_mappings.hpp"

#include <string>
#include <utility>

#include "core/base/quoted.hpp"
#include "core/load/item_names.hpp"
#include "core/load/spec_values.hpp"

namespace leeward {

namespace {

const Json& place_of(const MappingSpec& mapping) {
  return mapping.expand.exists() ? mapping.expand : mapping.expand_kwargs;
}

}  // namespace

GroupMappings::GroupMappings(const DagSpec& spec, ParamsChecker& checker, Errors& errors)
    : spec_(spec), errors_(errors) {
  for (GroupIndex g{0}; g.value < spec.groups.size(); ++g.value) {
    const MappingSpec& mapping = spec.groups[g.value].mapping;
    if (mapping.exists()) {
      mapped_[g].checked = parse_mapping(mapping, {}, spec.document, checker, errors);
      check_nesting(g);
    } else if (mapping.max_map_length.exists()) {
      add_key_error(errors, "spec.value", "there is no \"expand\" whose length this could limit",
                    mapping.max_map_length);
    }
  }
  if (!mapped_.empty()) check_tasks();
}

void GroupMappings::check_nesting(GroupIndex group) {
  const GroupIndex outer = mapped_group(spec_, spec_.groups[group.value].in_group);
  if (!outer.valid()) return;
  add_key_error(errors_, "spec.nested_mapping",
                "group " + quoted(spec_.groups[group.value].id) + " stands in " + quoted(spec_.groups[outer.value].id) +
                    ", which is mapped already: nothing in a mapped group can be mapped once more",
                place_of(spec_.groups[group.value].mapping));
}

void GroupMappings::check_tasks() {
  for (const TaskSpec& task : spec_.tasks) {
    const GroupIndex around = mapped_group(spec_, task.in_group);
    if (!around.valid()) continue;
    const std::string group = quoted(spec_.groups[around.value].id);
    if (task.mapping.exists()) {
      add_key_error(errors_, "spec.nested_mapping",
                    "task " + quoted(task.id()) + " stands in " + group +
                        ", which is mapped already: nothing in a mapped group can be mapped once more",
                    place_of(task.mapping));
    }
    if (task.settings.trigger_rule == TriggerRule::always) {
      add_error(errors_, "spec.trigger_rule",
                "task " + quoted(task.id()) + " stands in the mapped group " + group +
                    ", so its trigger rule cannot be always: its instances are known only when the list is",
                task.trigger_rule);
    }
  }
}

void GroupMappings::add_places(ArrowBuilder& arrows, NameResolver& names) {
  for (auto& [group, mapped] : mapped_) {
    mapped.place = names.add_place({0, &mapped.checked.asks, false, false, group, arrows.roots_of(group)});
  }
}

std::shared_ptr<const Mapping> GroupMappings::take(GroupIndex group, const NameResolver& names) {
  const auto found = mapped_.find(group);
  if (found == mapped_.end()) return nullptr;
  auto mapping = std::move(found->second.checked.mapping);
  mapping->reads = names.needs_of(found->second.place);
  return mapping;
}

}  // namespace leeward
