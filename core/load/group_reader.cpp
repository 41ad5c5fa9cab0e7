#include "core/load/group_reader.hpp"

#include <utility>

#include "core/base/quoted.hpp"
#include "core/load/spec_keys.hpp"
#include "core/load/spec_limits.hpp"
#include "core/load/spec_values.hpp"

namespace leeward {

namespace {

/// "outer" of "outer.inner"; empty if there is nothing around it.
std::string_view path_around(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? std::string_view{} : path.substr(0, dot);
}

std::string_view last_of(std::string_view path) { return path.substr(path.rfind('.') + 1); }

bool is_path(std::string_view name) {
  return is_id(name) && name.back() != '.' && name.find("..") == std::string_view::npos;
}

constexpr std::string_view kPathRule =
    "a group's name begins with a letter or digit and goes on with letters, digits, '_' and '-'; with a '.' it is a "
    "path "
    "of such names, \"outer.inner\"";

}  // namespace

// ---- which groups there are ----

void GroupReader::declare(const Json& groups, const TaskSpec& defaults) {
  declared_ = true;
  if (!expect(groups.is_object(), "an object, {\"group_id\": {...}}", groups, errors_)) return;
  if (groups.size() > kMaxGroups) {
    return add_error(errors_, "spec.limit", "a DAG has at most " + std::to_string(kMaxGroups) + " groups", groups);
  }
  for (const Json& member : groups) {
    if (!is_path(member.key())) {
      add_key_error(errors_, "spec.id", std::string{kPathRule}, member);
    } else if (expect(member.is_object(), "a group, an object (it may be empty)", member, errors_)) {
      add_draft(std::string{member.key()}, member);
    }
  }
  find_parents();
  merge_defaults(defaults);
}

void GroupReader::add_draft(std::string name, const Json& source) {
  draft_by_name_.emplace(name, drafts_.size());
  Draft& draft = drafts_.emplace_back();
  draft.name = std::move(name);
  draft.group.source = source;
  if (source.exists()) read_keys(source, draft.group);
}

void GroupReader::read_keys(const Json& source, GroupSpec& group) {
  for (const Json& member : source) {
    if (const GroupKey* key = find_key(group_keys(), member.key())) {
      key->read(member, group, errors_);
    } else if (has_room(errors_)) {
      tell_unknown_key(member, "a group", names_of(group_keys()), "", errors_);
    }
  }
}

void GroupReader::gather_from_tasks() {
  for (TaskSpec& task : spec_.tasks) {
    if (!task.group.exists() || draft_by_name_.contains(std::string{task.group.string()})) continue;
    if (!is_path(task.group.string())) {
      add_error(errors_, "spec.id", std::string{kPathRule}, task.group);
      task.group = {};
      continue;
    }
    for (std::string_view path = task.group.string(); !path.empty(); path = path_around(path)) {
      if (!draft_by_name_.contains(std::string{path})) add_draft(std::string{path}, {});
    }
    if (drafts_.size() <= kMaxGroups) continue;
    add_error(errors_, "spec.limit", "a DAG has at most " + std::to_string(kMaxGroups) + " groups", task.group);
    break;
  }
  find_parents();
}

// ---- what stands in what ----

void GroupReader::find_parents() {
  for (Draft& draft : drafts_) find_parent(draft);
  tell_cycles();
  for (std::size_t d = 0; d < drafts_.size(); ++d) {
    if (drafts_[d].parent != kNone) drafts_[drafts_[d].parent].inner.push_back(d);
  }
  spec_.groups.reserve(drafts_.size());
  for (std::size_t d = 0; d < drafts_.size(); ++d) {
    if (drafts_[d].parent == kNone) take(d, {}, 1);
  }
}

void GroupReader::find_parent(Draft& draft) {
  const std::string_view around = path_around(draft.name);
  const Json& written = draft.group.parent;
  if (written.exists() && !around.empty() && written.string() != around) {
    return add_error(errors_, "spec.value",
                     "by its name the group " + quoted(draft.name) + " stands in " + quoted(around), written);
  }
  const std::string parent{written.exists() ? written.string() : around};
  if (parent.empty()) return;
  const auto found = draft_by_name_.find(parent);
  if (found != draft_by_name_.end()) {
    draft.parent = found->second;
  } else if (written.exists()) {
    add_error(errors_, "spec.unknown_group", "no group " + quoted(parent) + guess(parent), written);
  } else {
    add_key_error(errors_, "spec.unknown_group",
                  "no group " + quoted(parent) + " for " + quoted(draft.name) + " to stand in", draft.group.source);
  }
}

/// Each circle is told once, and opened there.
void GroupReader::tell_cycles() {
  std::vector<std::size_t> walk_of(drafts_.size(), kNone);
  for (std::size_t start = 0; start < drafts_.size(); ++start) {
    std::size_t d = start;
    while (d != kNone && walk_of[d] == kNone) {
      walk_of[d] = start;
      d = drafts_[d].parent;
    }
    if (d == kNone || walk_of[d] != start) continue;
    std::string circle = drafts_[d].name;
    for (std::size_t next = drafts_[d].parent; next != d; next = drafts_[next].parent) {
      circle += " in " + drafts_[next].name;
    }
    const GroupSpec& group = drafts_[d].group;
    add_error(errors_, "spec.cycle", "these groups stand in each other: " + circle + " in " + drafts_[d].name,
              group.parent.exists() ? group.parent : group.source);
    drafts_[d].parent = kNone;
  }
}

void GroupReader::take(std::size_t draft, GroupIndex around, int depth) {
  GroupSpec& group = drafts_[draft].group;
  if (depth > kMaxGroupDepth) {
    return add_error(errors_, "spec.limit",
                     "groups stand within each other at most " + std::to_string(kMaxGroupDepth) + " deep",
                     group.source);
  }
  const std::string_view name = last_of(drafts_[draft].name);
  group.in_group = around;
  group.id = around.valid() ? spec_.groups[around.value].id_within(name) : std::string{name};
  const GroupIndex index{static_cast<std::uint32_t>(spec_.groups.size())};
  by_name_.emplace(drafts_[draft].name, index);
  spec_.groups.push_back(std::move(group));
  for (const std::size_t inner : drafts_[draft].inner) take(inner, index, depth + 1);
}

// ---- what the groups say of their tasks ----

void GroupReader::merge_defaults(const TaskSpec& defaults) {
  for (GroupSpec& group : spec_.groups) {
    group.defaults = group.in_group.valid() ? spec_.groups[group.in_group.value].defaults : defaults;
    const Json own = group.source["default_args"];
    if (own.exists()) read_default_args(own, group.defaults, nullptr, errors_);
  }
}

const TaskSpec& GroupReader::defaults_of(const Json& task, const TaskSpec& of_dag) const {
  if (by_name_.empty()) return of_dag;
  const Json group = task["group"];
  if (!group.is_string()) return of_dag;
  const auto found = by_name_.find(std::string{group.string()});
  return found == by_name_.end() ? of_dag : spec_.groups[found->second.value].defaults;
}

void GroupReader::place_tasks() {
  if (!declared_) gather_from_tasks();
  for (TaskSpec& task : spec_.tasks) {
    if (!task.group.exists()) continue;
    const auto found = by_name_.find(std::string{task.group.string()});
    if (found == by_name_.end()) {
      // An undeclared one that is not there was too much, and told.
      if (!declared_) continue;
      const std::string name{task.group.string()};
      add_error(errors_, "spec.unknown_group", "no group " + quoted(name) + " in \"groups\"" + guess(name), task.group);
      continue;
    }
    task.in_group = found->second;
    const GroupSpec& group = spec_.groups[found->second.value];
    if (!task.task_id.exists() || !group.prefix_group_id) continue;
    task.full_id = group.id_within(task.task_id.string());
    if (task.full_id.size() <= kMaxFullIdBytes) continue;
    add_error(errors_, "spec.id",
              "with the ids of its groups a task's id has at most " + std::to_string(kMaxFullIdBytes) +
                  " characters, and this has " + std::to_string(task.full_id.size()),
              task.task_id);
  }
}

std::string GroupReader::guess(std::string_view name) {
  if (!names_) {
    std::vector<std::string> names;
    for (const Draft& draft : drafts_) names.push_back(draft.name);
    names_.emplace(std::move(names));
  }
  return names_->guess(name, true);
}

}  // namespace leeward
