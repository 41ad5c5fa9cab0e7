#include "host/app/secret_grants.hpp"

#include <algorithm>
#include <memory>
#include <unordered_map>
#include <utility>

#include "core/base/json.hpp"
#include "core/base/quoted.hpp"
#include "core/base/suggestion.hpp"

namespace leeward {
namespace {

using Uses = std::unordered_map<const Task*, std::vector<SecretUse>>;

bool allows(const std::optional<std::vector<std::string>>& list, const std::string& name) {
  return !list || std::find(list->begin(), list->end(), name) != list->end();
}

Json step_into(const Json& value, const SecretUse::Step& step) {
  if (const auto* index = std::get_if<std::size_t>(&step)) return value.at(*index);
  return value[std::get<std::string>(step)];
}

/// The JSON text with other texts in place of some of its values, which are given in any order.
std::string replaced(std::string_view json, std::vector<std::pair<std::string_view, std::string>> values) {
  std::sort(values.begin(), values.end(), [](const auto& a, const auto& b) { return a.first.data() < b.first.data(); });
  std::string out;
  const char* shown = json.data();
  for (const auto& [old, text] : values) {
    out.append(shown, old.data()).append(text);
    shown = old.data() + old.size();
  }
  return out.append(shown, json.data() + json.size());
}

/// What to write into the configuration.
std::string example(const std::string& name, const std::string& from, const Dag& dag, const SecretUse& use) {
  return "{\"secrets\": {" + json_quote(name) + ": {\"from\": " + json_quote(from) + ", \"dags\": [" +
         json_quote(dag.id()) + "], \"operators\": [" + json_quote(use.op) + "]}}}";
}

std::string place_of(const SecretUse& use) { return use.whose + " " + use.pointer() + ": " + quoted(use.text()); }

}  // namespace

/// Why the DAG may not have it; nothing if it may.
std::optional<Error> SecretGrants::refusal(const Dag& dag, const SecretUse& use) const {
  const auto found = grants_.find(use.name);
  if (found == grants_.end() && SecretSource::is_reference(use.text())) {
    const std::string name = use.name.substr(use.name.rfind('/') + 1);
    return Error{"secret.unknown",
                 place_of(use) + ": a DAG names a secret as the configuration calls it; add it there, " +
                     example(name, use.text(), dag, use) + ", and write \"secret://" + name + "\" here"};
  }
  if (found == grants_.end()) {
    std::vector<std::string> known;
    for (const auto& [name, grant] : grants_) known.push_back(name);
    return Error{"secret.unknown", place_of(use) + ": the configuration has no such secret" +
                                       did_you_mean(use.name, known) +
                                       "; add it there: " + example(use.name, "secret://env/NAME", dag, use)};
  }
  const auto denied = [&](const char* list, const std::string& name) {
    return Error{"secret.denied", place_of(use) + ": it is not granted to " + json_quote(name) +
                                      "; add that to /secrets/" + use.name + "/" + list + " of the configuration"};
  };
  if (!allows(found->second.dags, dag.id())) return denied("dags", dag.id());
  if (!allows(found->second.operators, use.op)) return denied("operators", use.op);
  return std::nullopt;
}

Errors SecretGrants::mistakes(const Dag& dag) const {
  Errors errors;
  for (const SecretUse& use : secret_uses(dag, catalog_)) {
    if (!use.resolved) continue;
    if (auto refused = refusal(dag, use)) {
      errors.push_back(*std::move(refused));
    } else if (const auto secret = source_.resolve(grants_.find(use.name)->second.from); !secret) {
      errors.push_back({secret.error().code, place_of(use) + ": " + secret.error().message});
    }
  }
  return errors;
}

Errors SecretGrants::notes(const Dag& dag) const {
  Errors notes;
  for (const SecretUse& use : secret_uses(dag, catalog_)) {
    if (use.resolved) continue;
    notes.push_back({"secret.text", place_of(use) + " stays text here: operator " + quoted(use.op) +
                                        " takes a secret only where its schema says \"x-secret\""});
  }
  return notes;
}

SecretGrants::Params SecretGrants::params_of(const Dag& dag) const {
  auto uses = std::make_shared<Uses>();
  for (SecretUse& use : secret_uses(dag, catalog_)) {
    if (use.resolved) (*uses)[use.task].push_back(std::move(use));
  }
  if (uses->empty()) return [](const TaskCall& call) { return Result<Value>{call.params}; };
  return [this, &dag, uses](const TaskCall& call) -> Result<Value> {
    const auto found = uses->find(call.task);
    if (found == uses->end()) return call.params;
    const auto params = JsonDocument::of(call.params);
    std::vector<std::pair<std::string_view, std::string>> secrets;
    for (const SecretUse& use : found->second) {
      Json at = params->root();
      for (const SecretUse::Step& step : use.path) at = step_into(at, step);
      if (!at.is_string() || at.string() != use.text()) continue;  // a mapped task's own argument took its place
      if (auto refused = refusal(dag, use)) return *std::move(refused);
      Result<std::string> secret = source_.resolve(grants_.find(use.name)->second.from);
      if (!secret) return Error{secret.error().code, place_of(use) + ": " + secret.error().message};
      secrets.emplace_back(at.text(), json_quote(*secret));
    }
    if (secrets.empty()) return call.params;
    return Value{replaced(params->root().text(), std::move(secrets))};
  };
}

}  // namespace leeward
