#include "host/runner/call_grants.hpp"

#include "core/base/json.hpp"

namespace leeward {
namespace {

/// What a plugin that ships needs of the host, where the configuration has it run in a process of its own.
struct Need {
  std::string_view plugin;
  std::string_view op;              ///< an operator that it calls
  std::string_view callable_param;  ///< names the callable that it calls
  std::string_view dag_param;       ///< names the DAG that it starts
};
constexpr Need kNeeds[] = {{"branch", "", "callable", ""},
                           {"callable", "", "callable", ""},
                           {"dag_run", "", "", "dag"},
                           {"text_processing", "llm", "", ""}};

bool names(const Value& params, std::string_view param, std::string_view name) {
  if (param.empty()) return false;
  const auto document = JsonDocument::of(params);
  const Json named = document->root()[param];
  return named.is_string() && named.string() == name;
}

std::string how_to_grant(const char* key, const std::string& plugin, std::string_view name) {
  return "; the configuration grants it with \"isolation\": {\"" + std::string{key} + "\": {" + json_quote(plugin) +
         ": [" + json_quote(name) + "]}}";
}

}  // namespace

Status CallGrants::may_call(const OperatorInfo& callee, bool callable, const Value& params) const {
  if (callee.plugin == plugin || calls.contains(callee.name)) return done();
  for (const Need& need : kNeeds) {
    if (!shipped || need.plugin != plugin) continue;
    if (callable ? names(params, need.callable_param, callee.name) : need.op == callee.name) return done();
  }
  return Error{"call.denied", "plugin " + json_quote(plugin) + " may not call " +
                                  (callable ? "callable " : "operator ") + json_quote(callee.name) +
                                  how_to_grant("calls", plugin, callee.name)};
}

Status CallGrants::may_trigger(std::string_view dag, const Value& params) const {
  if (triggers.contains(dag)) return done();
  for (const Need& need : kNeeds) {
    if (shipped && need.plugin == plugin && names(params, need.dag_param, dag)) return done();
  }
  return Error{"run.denied", "plugin " + json_quote(plugin) + " may not start runs of DAG " + json_quote(dag) +
                                 how_to_grant("triggers", plugin, dag)};
}

}  // namespace leeward
