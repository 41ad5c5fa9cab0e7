#pragma once

#include "core/base/json.hpp"
#include "core/load/guesser.hpp"
#include "core/model/operator_info.hpp"

namespace leeward {

/// Finds the operators that a spec names, and tells of those that do not exist. Lives while one Dag is built.
class OperatorFinder {
 public:
  /// `catalog` must outlive the finder.
  explicit OperatorFinder(const OperatorCatalog& catalog) : catalog_(catalog), names_(catalog.operator_names()) {}

  /// Null, and a mistake, if there is none. Code spec.unknown_operator. REQUIRES: `name` is a string.
  [[nodiscard]] const OperatorInfo* find(const Json& name, Errors& errors);

 private:
  const OperatorCatalog& catalog_;
  Guesser names_;
  const OperatorInfo* last_ = nullptr;  ///< most tasks have the operator of the one before
};

}  // namespace leeward
