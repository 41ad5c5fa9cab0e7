#include "core/load/node_index.hpp"

#include <vector>

#include "core/base/quoted.hpp"
#include "core/load/spec_limits.hpp"
#include "core/load/spec_values.hpp"
#include "core/load/template_parser.hpp"

namespace leeward {

namespace {

std::string on_line(const Json& place) { return ", on line " + std::to_string(place.position().line); }

}  // namespace

NodeIndex::NodeIndex(const DagSpec& spec, Errors& errors) : spec_(spec), errors_(errors) {
  by_id_.reserve(spec.tasks.size() + spec.groups.size());
  add_tasks();
  add_groups();
}

void NodeIndex::add_tasks() {
  for (std::uint32_t t = 0; t < spec_.tasks.size(); ++t) {
    const TaskSpec& task = spec_.tasks[t];
    if (!task.task_id.exists()) {
      complete_ = false;
      continue;
    }
    const auto [entry, fresh] = by_id_.emplace(task.id(), t);
    if (fresh) continue;
    add_error(errors_, "spec.duplicate_task",
              "task " + quoted(task.id()) + " is there already" + on_line(spec_.tasks[entry->second].task_id),
              task.task_id);
  }
}

void NodeIndex::add_groups() {
  for (std::uint32_t g = 0; g < spec_.groups.size(); ++g) {
    const GroupSpec& group = spec_.groups[g];
    const auto [entry, fresh] = by_id_.emplace(group.id, static_cast<std::uint32_t>(spec_.tasks.size()) + g);
    if (fresh) continue;
    if (!is_group(entry->second)) {
      const Json& task = spec_.tasks[entry->second].task_id;
      const std::string where = group.source.exists() ? on_line(group.source) : "";
      add_error(errors_, "spec.duplicate_task", "task " + quoted(group.id) + " has the id of a group" + where, task);
    } else {
      // Only declared groups can meet: one whose name is a path, and one that is there by prefixes.
      add_key_error(errors_, "spec.duplicate_group",
                    "group " + quoted(group.id) + " is there already" +
                        on_line(spec_.groups[group_of(entry->second).value].source),
                    group.source);
    }
  }
}

GroupIndex NodeIndex::around(std::uint32_t node) const noexcept {
  return is_group(node) ? spec_.groups[group_of(node).value].in_group : spec_.tasks[node].in_group;
}

std::string NodeIndex::describe(std::uint32_t node) const {
  if (is_group(node)) return "group " + quoted(spec_.groups[group_of(node).value].id);
  return "task " + quoted(spec_.tasks[node].id());
}

std::uint32_t NodeIndex::find(std::string_view id, const Json& source, std::uint32_t character) {
  const auto found = by_id_.find(id);
  if (found != by_id_.end()) return found->second;
  tell_unknown(id, source, character);
  return kNone;
}

std::uint32_t NodeIndex::find_from(GroupIndex scope, std::string_view name, const Json& source) {
  for (GroupIndex g = scope; g.valid(); g = spec_.groups[g.value].in_group) {
    const auto found = by_id_.find(spec_.groups[g.value].id_within(name));
    if (found != by_id_.end()) return found->second;
  }
  return find(name, source);
}

void NodeIndex::tell_unknown(std::string_view name, const Json& source, std::uint32_t character) {
  // A name stands in as many arrows as there are names on the other side.
  const bool first_time = unknown_.insert({source.text().data(), character}).second;
  if (!first_time || !has_room(errors_)) return;
  if (!ids_) prepare_guesses();
  const auto within = by_own_name_.find(name);
  const std::string guess = within != by_own_name_.end() && within->second != kNone
                                ? "; did you mean " + describe(within->second) + "?"
                                : ids_->guess(name);
  const std::string what = spec_.groups.empty() ? "no task " : "no task or group ";
  errors_.push_back({"spec.unknown_task", what + quoted(name) + guess, place_of_name(source, character)});
}

/// What stands in a group may have been called by its own name, which counts only as seen from within.
void NodeIndex::prepare_guesses() {
  std::vector<std::string> ids;
  const auto add = [&](std::string_view own_name, std::string_view id, std::uint32_t node) {
    ids.emplace_back(id);
    if (own_name.size() == id.size()) return;
    const auto [entry, fresh] = by_own_name_.emplace(own_name, node);
    if (!fresh) entry->second = kNone;
  };
  for (std::uint32_t t = 0; t < spec_.tasks.size(); ++t) {
    const TaskSpec& task = spec_.tasks[t];
    if (task.task_id.exists()) add(task.task_id.string(), task.id(), t);
  }
  for (std::uint32_t g = 0; g < spec_.groups.size(); ++g) {
    const std::string_view id = spec_.groups[g].id;
    add(id.substr(id.rfind('.') + 1), id, static_cast<std::uint32_t>(spec_.tasks.size()) + g);
  }
  ids_.emplace(std::move(ids));
}

Where NodeIndex::place_of_name(const Json& source, std::uint32_t character) {
  if (character == 0 || exact_places_ == kMaxExactPlaces) return source.where();
  ++exact_places_;
  return place_in(source, static_cast<int>(character));
}

}  // namespace leeward
