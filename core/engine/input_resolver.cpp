#include "core/engine/input_resolver.hpp"

#include <algorithm>

namespace leeward {
namespace {

constexpr std::size_t kMostMistakesTold = 5;

Error invalid_params(const Task& task, const Errors& errors) {
  std::string message = "what \"with\" renders to is not what operator \"" + task.op->name + "\" takes: ";
  for (std::size_t i = 0; i < std::min(errors.size(), kMostMistakesTold); ++i) {
    if (i > 0) message += "; ";
    message += errors[i].where.pointer + (errors[i].where.pointer.empty() ? "" : ": ") + errors[i].message;
  }
  if (errors.size() > kMostMistakesTold) {
    message += "; and " + std::to_string(errors.size() - kMostMistakesTold) + " more";
  }
  return {"params.invalid", std::move(message)};
}

Error not_a_list(const Mapping::Key& expand, const Json& got) {
  return {"expand.type", "expand \"" + expand.name + "\": a list is needed to map over, and this is " +
                             std::string(to_string(got.kind()))};
}

Error too_many(std::size_t instances) {
  return {"expand.too_large", "expand: " + std::to_string(instances) + " instances are more than the limit of " +
                                  std::to_string(Expansion::kMaxInstances)};
}

}  // namespace

InputResolver::InputResolver(std::shared_ptr<const Dag> dag, const RunInfo& run, const RunContext& context)
    : dag_(std::move(dag)), run_(run), context_(context) {}

Result<InputResolver::Input> InputResolver::resolve(const TaskScope::Attempt& attempt, const Expansion* expansion) {
  Input input;
  const Task& task = *attempt.task;
  if (task.with.slots.empty()) {
    // Nothing to render, and the loader has checked it: the Dag's own bytes will do.
    if (!task.with.json_after.empty()) input.params = Value{dag_, task.with.json_after};
  } else {
    const TaskScope scope(context_, facts(), attempt,
                          expansion ? expansion->items_of(attempt.map_index) : TaskScope::Items{});
    Result<Value> params = params_of(attempt, scope);
    if (!params) return std::move(params).error();
    input.params = std::move(params).value();
  }
  for (const ContextRead& read : task.opened) {
    if (const Value* value = context_.find(read.producers)) input.context.emplace_back(read.name, *value);
  }
  return input;
}

Result<Value> InputResolver::params_of(const TaskScope::Attempt& attempt, const TaskScope& scope) {
  Result<Value> rendered = attempt.task->with.render(scope);
  if (!rendered || !attempt.task->op->params_schema) return rendered;
  Errors errors;
  attempt.task->op->params_schema->validate(JsonDocument::of(*rendered)->root(), errors);
  if (!errors.empty()) return invalid_params(*attempt.task, errors);
  return rendered;
}

Result<std::unique_ptr<Expansion>> InputResolver::expand(const Task& task) {
  const TaskScope scope(context_, facts(), {&task}, {});
  std::vector<std::shared_ptr<const JsonDocument>> lists;
  std::size_t instances = 1;
  for (const Mapping::Key& expand : task.mapping->keys) {
    Result<Value> rendered = expand.items.value.render(scope);
    if (!rendered) return std::move(rendered).error();
    lists.push_back(JsonDocument::of(*rendered));
    const Json list = lists.back()->root();
    if (!list.is_array()) return not_a_list(expand, list);
    instances *= list.size();  // at most 10^6 times what fits into memory: no overflow
    if (instances > Expansion::kMaxInstances) return too_many(instances);
  }
  return std::make_unique<Expansion>(task, std::move(lists), instances);
}

const JsonDocument& InputResolver::facts() {
  if (!facts_) facts_ = run_facts(run_);
  return *facts_;
}

}  // namespace leeward
