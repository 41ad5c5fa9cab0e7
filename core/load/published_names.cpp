#include "core/load/published_names.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "core/base/quoted.hpp"
#include "core/load/schema_place.hpp"
#include "core/load/spec_limits.hpp"
#include "core/load/spec_values.hpp"
#include "core/load/template_parser.hpp"
#include "core/model/builtin_names.hpp"

namespace leeward {

PublishedNames::PublishedNames(const DagSpec& spec, const std::vector<CheckedParams>& params,
                               const std::vector<const OperatorInfo*>& ops, Errors& errors)
    : spec_(spec) {
  publishers_.reserve(spec.tasks.size());
  for (std::uint32_t t = 0; t < spec.tasks.size(); ++t) {
    const TaskSpec& task = spec.tasks[t];
    if (task.output_key.exists()) add(t, {task.output_key.string(), task.output_key}, errors);
    if (!task.settings.multiple_outputs.exists()) continue;
    auto members = listed(task, params[t], ops[t]);
    for (const Member& member : members) add(t, member, errors);
    if (!members.empty()) members_.emplace(t, std::move(members));
  }
}

/// Those that the list names; or those that the schema of what runs knows, as far as templates can name them.
std::vector<PublishedNames::Member> PublishedNames::listed(const TaskSpec& task, const CheckedParams& params,
                                                           const OperatorInfo* op) {
  std::vector<Member> members;
  const Json& asked = task.settings.multiple_outputs;
  for (const Json& name : asked) {
    if (name.is_string() && is_template_name(name.string())) members.push_back({name.string(), name});
  }
  if (!asked.is_boolean() || !asked.boolean() || op == nullptr) return members;
  const OperatorInfo& runs = op->output_schema || params.callable == nullptr ? *op : *params.callable;
  for (const std::string_view name : SchemaPlace{runs.output_schema.get(), {}}.properties()) {
    if (is_template_name(name)) members.push_back({name, asked});
  }
  return members;
}

void PublishedNames::add(std::uint32_t task, const Member& member, Errors& errors) {
  if (is_builtin_name(member.name)) {
    return add_error(errors, "spec.reserved_name",
                     quoted(member.name) + " is a name that the engine gives every template", member.source);
  }
  if (!spec_.tasks[task].settings.do_xcom_push) {
    add_error(errors, "spec.value", "with \"do_xcom_push\": false the result is not kept, so nothing can be published",
              member.source);
  }
  auto& tasks = publishers_[member.name];
  if (!tasks.empty() && tasks.back() == task) {
    return add_error(errors, "spec.duplicate_output_key", "this task publishes " + quoted(member.name) + " twice",
                     member.source);
  }
  tasks.push_back(task);
  if (tasks.size() != kMaxPublishers + 1) return;
  add_error(errors, "spec.limit",
            "at most " + std::to_string(kMaxPublishers) + " tasks may publish " + quoted(member.name), member.source);
}

const std::vector<PublishedNames::Member>& PublishedNames::members_of(std::uint32_t task) const {
  static const std::vector<Member> kNone;
  const auto found = members_.find(task);
  return found == members_.end() ? kNone : found->second;
}

Json PublishedNames::source_of(std::uint32_t task, std::string_view name) const {
  for (const Member& member : members_of(task)) {
    if (member.name == name) return member.source;
  }
  return spec_.tasks[task].output_key;
}

std::vector<std::string> PublishedNames::names() const {
  std::vector<std::string> names;
  for (const auto& [name, tasks] : publishers_) names.emplace_back(name);
  return names;
}

}  // namespace leeward
