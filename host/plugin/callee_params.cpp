#include "host/plugin/callee_params.hpp"

#include <string>

#include "core/base/json.hpp"

namespace leeward {
namespace {

Error invalid(const OperatorInfo& callee, const Error& why) {
  const std::string where = why.where.pointer.empty() ? "" : why.where.pointer + ": ";
  return {"call.invalid", "parameters of \"" + callee.name + "\": " + where + why.message};
}

}  // namespace

Result<Value> callee_params(const OperatorInfo& callee, std::string_view json) {
  auto document = JsonDocument::parse(json.empty() ? "{}" : std::string{json}, "params of " + callee.name);
  if (!document) return invalid(callee, document.error());
  const Json root = (*document)->root();
  if (!root.is_object()) return invalid(callee, {"", "the parameters of " + callee.name + " are not an object"});
  Errors errors;
  if (callee.params_schema) callee.params_schema->validate(root, errors);
  if (!errors.empty()) return invalid(callee, errors.front());
  return root.value();
}

}  // namespace leeward
