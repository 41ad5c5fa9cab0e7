#pragma once

#include <cstdint>
#include <string_view>

#include "core/model/dag_spec.hpp"

namespace leeward {

/// The mapped group that is around a group or is the group itself; invalid if there is none.
[[nodiscard]] GroupIndex mapped_group(const DagSpec& spec, GroupIndex group) noexcept;

/// Whether a name that a task of a mapped group reads is one of the group's item.
enum class ItemName : std::uint8_t { no, perhaps, yes };
[[nodiscard]] ItemName item_name(const MappingSpec& mapping, std::string_view name);

}  // namespace leeward
