#include "host/app/secret_uses.hpp"

#include <algorithm>
#include <utility>

#include "core/base/quoted.hpp"
#include "core/load/schema_place.hpp"

namespace leeward {
namespace {

constexpr std::string_view kScheme = "secret:";
constexpr std::string_view kPrefix = "secret://";

/// Whether it is worth a closer look; a slash may be written as "\/".
bool mentions_secret(const ValueTemplate& with) {
  const auto mentions = [](const std::string& json) { return json.find(kScheme) != std::string::npos; };
  return mentions(with.json_after) || std::any_of(with.slots.begin(), with.slots.end(),
                                                  [&](const auto& slot) { return mentions(slot.json_before); });
}

/// What the author wrote, with null for what is rendered.
std::string skeleton(const ValueTemplate& with) {
  std::string json;
  for (const ValueTemplate::Slot& slot : with.slots) json += slot.json_before + "null";
  return json + with.json_after;
}

class Walk {
 public:
  Walk(const OperatorCatalog& catalog, const Task& task, std::string whose, std::vector<SecretUse>& uses)
      : catalog_(catalog), task_(task), whose_(std::move(whose)), uses_(uses) {}

  void visit(const Json& value, const SchemaPlace& place, const std::string& op) {
    if (value.is_string()) return note(value, place, op);
    std::size_t index = 0;
    for (const Json& inner : value) {
      path_.push_back(value.is_object() ? SecretUse::Step{std::string{inner.key()}} : SecretUse::Step{index++});
      value.is_object() ? visit_member(value, inner, place.of_member(inner.key(), inner), op)
                        : visit(inner, place.of_element(inner), op);
      path_.pop_back();
    }
  }

 private:
  /// The arguments of a callable are marked by its own schema.
  void visit_member(const Json& object, const Json& member, const SchemaPlace& place, const std::string& op) {
    const Json named_by = place["x-args-of"];
    if (!named_by.is_string()) return visit(member, place, op);
    const Json name = object[named_by.string()];
    const OperatorInfo* callable = name.is_string() ? catalog_.find_callable(name.string()) : nullptr;
    if (callable == nullptr) return visit(member, {}, op);
    visit(member, SchemaPlace{callable->params_schema.get(), member}, callable->name);
  }

  void note(const Json& value, const SchemaPlace& place, const std::string& op) {
    const std::string_view text = value.string();
    if (!text.starts_with(kPrefix) || text.size() == kPrefix.size()) return;
    const Json mark = place["x-secret"];
    const bool marked = mark.is_boolean() && mark.boolean();
    uses_.push_back({&task_, whose_, op, path_, std::string{text.substr(kPrefix.size())}, marked});
  }

  const OperatorCatalog& catalog_;
  const Task& task_;
  const std::string whose_;
  std::vector<SecretUse>& uses_;
  std::vector<SecretUse::Step> path_;
};

}  // namespace

std::string SecretUse::pointer() const {
  std::string pointer = "/with";
  for (const Step& step : path) {
    pointer += '/';
    if (const auto* index = std::get_if<std::size_t>(&step)) {
      pointer += std::to_string(*index);
      continue;
    }
    for (const char c : std::get<std::string>(step))
      c == '~' ? pointer += "~0" : c == '/' ? pointer += "~1" : pointer += c;
  }
  return pointer;
}

std::vector<SecretUse> secret_uses(const Dag& dag, const OperatorCatalog& catalog) {
  std::vector<SecretUse> uses;
  const auto look = [&](const Task& task, const ValueTemplate& with, const std::string& whose) {
    if (!mentions_secret(with)) return;
    const auto document = JsonDocument::of(Value{skeleton(with)});
    const SchemaPlace place{task.op->params_schema.get(), document->root()};
    Walk{catalog, task, whose, uses}.visit(document->root(), place, task.op->name);
  };
  for (const Task& task : dag.tasks()) {
    const std::string whose = "task " + quoted(task.id);
    look(task, task.with, whose);
    if (!task.callbacks) continue;
    for (const Callback& callback : *task.callbacks) look(callback.call, *callback.with, whose + ", a callback");
  }
  for (const Callback& callback : dag.header().callbacks) look(callback.call, *callback.with, "a callback of the DAG");
  return uses;
}

}  // namespace leeward
