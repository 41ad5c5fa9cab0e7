#pragma once

#include <set>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/model/operator_info.hpp"

namespace leeward {

/// What one plugin in a process of its own may have the host do for it: run operators, which may stand in the host and
/// outside of any sandbox, and start runs. Nothing but what is said here, for what a runner asks is a stranger's word.
/// Immutable.
///
/// A plugin may always call what it brings itself. One that ships may also do what it is there for: call the callable,
/// or start the DAG, that the author of the task has named. All else has to be granted by the configuration.
struct CallGrants {
  using Names = std::set<std::string, std::less<>>;

  std::string plugin;    ///< its name
  bool shipped = false;  ///< with Leeward
  Names calls;           ///< operators and callables
  Names triggers;        ///< DAGs, as the plugin names them

  /// `params`: of the attempt that calls. Code call.denied.
  [[nodiscard]] Status may_call(const OperatorInfo& callee, bool callable, const Value& params) const;
  /// Code run.denied.
  [[nodiscard]] Status may_trigger(std::string_view dag, const Value& params) const;
};

}  // namespace leeward
