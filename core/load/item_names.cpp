#include "core/load/item_names.hpp"

namespace leeward {

GroupIndex mapped_group(const DagSpec& spec, GroupIndex group) noexcept {
  while (group.valid() && !spec.groups[group.value].mapping.exists()) group = spec.groups[group.value].in_group;
  return group;
}

ItemName item_name(const MappingSpec& mapping, std::string_view name) {
  if (mapping.expand[name].exists()) return ItemName::yes;
  if (!mapping.expand_kwargs.exists()) return ItemName::no;
  // Objects that only a run will know may have any member.
  if (!mapping.expand_kwargs.is_array()) return ItemName::perhaps;
  std::size_t with = 0;
  bool open = false;
  for (const Json& item : mapping.expand_kwargs) {
    with += item[name].exists() ? 1 : 0;
    open |= !item.is_object();
  }
  if (with == mapping.expand_kwargs.size()) return ItemName::yes;
  return with > 0 || open ? ItemName::perhaps : ItemName::no;
}

}  // namespace leeward
