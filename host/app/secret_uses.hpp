#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/model/dag.hpp"

namespace leeward {

/// A string in a DAG that is exactly "secret://NAME".
struct SecretUse {
  using Step = std::variant<std::string, std::size_t>;  ///< a member, an element
  const Task* task = nullptr;                           ///< or the call of a callback; lives as long as the Dag
  std::string whose;                                    ///< "task \"load\"", for messages
  std::string op;                                       ///< the operator, or the callable whose argument it is
  std::vector<Step> path;                               ///< in the task's params
  std::string name;
  bool resolved = false;  ///< the operator's schema marks the place with "x-secret"; elsewhere it stays text

  [[nodiscard]] std::string text() const { return "secret://" + name; }
  [[nodiscard]] std::string pointer() const;  ///< "/with/env/TOKEN"
};

/// All of a Dag, in the order of its tasks: as its author wrote them. What a template yields is never one, so that
/// neither a param nor a model's answer can ask for a secret.
[[nodiscard]] std::vector<SecretUse> secret_uses(const Dag& dag, const OperatorCatalog& catalog);

}  // namespace leeward
