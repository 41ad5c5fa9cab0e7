#include "core/load/operator_finder.hpp"

#include <string>
#include <utility>

#include "core/load/spec_values.hpp"

namespace leeward {

const OperatorInfo* OperatorFinder::find(const Json& name, Errors& errors) {
  if (last_ != nullptr && last_->name == name.string()) return last_;
  if (const OperatorInfo* op = catalog_.find_operator(name.string())) return last_ = op;
  const std::string quoted = "\"" + std::string{name.string()} + "\"";
  std::string message = "no operator " + quoted;
  if (catalog_.find_callable(name.string()) != nullptr) {
    message += "; it is a callable: \"operator\": \"callable\", \"with\": {\"callable\": " + quoted + "}";
  } else {
    message += names_.guess(name.string(), true);
  }
  add_error(errors, "spec.unknown_operator", std::move(message), name);
  return nullptr;
}

}  // namespace leeward
