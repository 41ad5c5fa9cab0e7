#include <array>

#include "core/load/spec_keys.hpp"
#include "core/load/spec_values.hpp"

namespace leeward {

namespace {

void read_parent(const Json& value, GroupSpec& group, Errors& errors) {
  if (!value.is_null() && read_id(value, errors)) group.parent = value;
}

void read_prefix_group_id(const Json& value, GroupSpec& group, Errors& errors) {
  group.prefix_group_id = read_boolean(value, errors).value_or(true);
}

void read_depends_on(const Json& value, GroupSpec& group, Errors& errors) {
  if (!expect(value.is_array(), "a list of ids of tasks and groups", value, errors)) return;
  for (const Json& id : value) expect(id.is_string(), "an id of a task or group", id, errors);
  group.depends_on = value;
}

void read_doc(const Json& value, GroupSpec& group, Errors& errors) {
  if (expect(value.is_string(), "a text", value, errors)) group.doc = value;
}

void read_expand(const Json& value, GroupSpec& group, Errors&) { group.mapping.expand = value; }

void read_expand_kwargs(const Json& value, GroupSpec& group, Errors&) { group.mapping.expand_kwargs = value; }

void read_max_map_length(const Json& value, GroupSpec& group, Errors&) { group.mapping.max_map_length = value; }

/// Read when those of the groups around it are known.
void read_later(const Json&, GroupSpec&, Errors&) {}

constexpr std::array kGroupKeys{
    GroupKey{"group", read_parent},
    GroupKey{"depends_on", read_depends_on},
    GroupKey{"default_args", read_later},
    GroupKey{"expand", read_expand},
    GroupKey{"expand_kwargs", read_expand_kwargs},
    GroupKey{"max_map_length", read_max_map_length},
    GroupKey{"prefix_group_id", read_prefix_group_id},
    GroupKey{"doc", read_doc},
};

}  // namespace

std::span<const GroupKey> group_keys() noexcept { return kGroupKeys; }

}  // namespace leeward
