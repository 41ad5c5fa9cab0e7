#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/exec/operator.hpp"
#include "host/app/secret_source.hpp"
#include "host/app/secret_uses.hpp"

namespace leeward {

/// A secret that tasks may be given, as the configuration describes it.
struct SecretGrant {
  std::string from;                                                  ///< secret://env/NAME or secret://file/PATH
  std::optional<std::vector<std::string>> dags = std::nullopt;       ///< nothing: any
  std::optional<std::vector<std::string>> operators = std::nullopt;  ///< or callables; nothing: any
  Where where{};
};
using Grants = std::map<std::string, SecretGrant, std::less<>>;

/// Which DAGs and operators may have which secret: `secret://NAME` in a DAG becomes the secret only where the
/// operator's schema says so, only if it was granted, and only in what the operator is given, which nobody records. One
/// a process; immutable, thread-safe. What it refers to must outlive it.
class SecretGrants {
 public:
  using Params = std::function<Result<Value>(const TaskCall&)>;

  SecretGrants(Grants grants, const SecretSource& source, const OperatorCatalog& catalog)
      : grants_(std::move(grants)), source_(source), catalog_(catalog) {}

  /// Every secret that the DAG would be given and cannot be: not in the configuration, not granted, or not to be read.
  /// Codes secret.unknown, secret.denied, and those of SecretSource.
  [[nodiscard]] Errors mistakes(const Dag& dag) const;
  /// Every "secret://NAME" that stays text.
  [[nodiscard]] Errors notes(const Dag& dag) const;
  /// The params that attempts of the DAG's tasks are given; an Error if a secret cannot be had any more. `dag` must
  /// outlive it.
  [[nodiscard]] Params params_of(const Dag& dag) const;

 private:
  [[nodiscard]] std::optional<Error> refusal(const Dag& dag, const SecretUse& use) const;

  const Grants grants_;
  const SecretSource& source_;
  const OperatorCatalog& catalog_;
};

}  // namespace leeward
