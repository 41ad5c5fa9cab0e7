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

/// The object with the members of another laid over it.
Value overlaid(const Value& below, const Json& above) {
  const auto document = JsonDocument::of(below);
  JsonWriter out;
  out.begin_object();
  for (const Json& member : document->root()) {
    if (!above[member.key()].exists()) out.key(member.key()).raw(member.text());
  }
  for (const Json& member : above) out.key(member.key()).raw(member.text());
  out.end_object();
  return Value{out.take()};
}

}  // namespace

InputResolver::InputResolver(std::shared_ptr<const Dag> dag, const RunInfo& run, const RunContext& context)
    : dag_(std::move(dag)), run_(run), context_(context) {}

Result<InputResolver::Input> InputResolver::resolve(const TaskScope::Attempt& attempt, const ValueTemplate& with,
                                                    const MappedItems* items) {
  Input input;
  const Task& task = *attempt.task;
  const bool has_kwargs = items && task.mapping && task.mapping->kwargs;
  if (with.slots.empty() && !has_kwargs) {
    // Nothing to render, and the loader has checked it: the Dag's own bytes will do.
    if (!with.json_after.empty()) input.params = Value{dag_, with.json_after};
  } else {
    Result<Value> params = params_of(attempt, with, items);
    if (!params) return std::move(params).error();
    input.params = std::move(params).value();
  }
  const RunContext::Reader reader{task.mapped_group, attempt.map_index};
  for (const ContextRead& read : task.opened) {
    if (auto value = context_.find(read, reader)) input.context.emplace_back(read.name, *std::move(value));
  }
  return input;
}

Result<Value> InputResolver::params_of(const TaskScope::Attempt& attempt, const ValueTemplate& with,
                                       const MappedItems* items) {
  const Task& task = *attempt.task;
  const bool own_kwargs = items && task.mapping && task.mapping->kwargs;
  const TaskScope scope(context_, facts(), task.reads, attempt,
                        items && !own_kwargs ? items->items_of(attempt.map_index) : TaskScope::Items{});
  Result<Value> rendered = with.render(scope);
  if (rendered && own_kwargs) {
    const Value below = rendered->is_null() ? Value{std::string{"{}"}} : *rendered;
    rendered = overlaid(below, items->kwargs_of(attempt.map_index));
  }
  if (!rendered || !task.op->params_schema) return rendered;
  Errors errors;
  task.op->params_schema->validate(JsonDocument::of(*rendered)->root(), errors);
  if (!errors.empty()) return invalid_params(task, errors);
  return rendered;
}

Result<std::shared_ptr<const MappedItems>> InputResolver::items_of(const Mapping& mapping, const Task* task) {
  const TaskScope scope(context_, facts(), mapping.reads, {task}, {});
  return MappedItems::render(mapping, scope);
}

const JsonDocument& InputResolver::facts() {
  if (!facts_) facts_ = run_facts(run_);
  return *facts_;
}

}  // namespace leeward
