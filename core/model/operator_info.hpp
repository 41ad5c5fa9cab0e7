#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json_schema.hpp"

namespace leeward {

/// What an operator promises of itself (the SDK's LW_OP_ flags; all false: a blocking operator that may run again).
struct OperatorTraits {
  bool idempotent = false;
  bool at_most_once = false;
  bool pure = false;
  bool inline_execution = false;  ///< microseconds, never waits: runs on the engine's thread
  bool async = false;             ///< holds no thread while it waits
  bool streams = false;
  bool branches = false;
  bool isolate = false;
  /// Keeps a thread from its start to its end.
  [[nodiscard]] bool blocks() const noexcept { return !inline_execution && !async; }
};

/// An operator, or a callable, as a spec sees it. Immutable; owned by the catalog.
struct OperatorInfo {
  std::string name;
  std::string version;
  std::string doc;     ///< Markdown, the first line is the summary
  std::string plugin;  ///< the name of the plugin that brought it
  OperatorTraits traits;
  std::shared_ptr<const JsonSchema> params_schema;  ///< of `with`; null: any object
  std::shared_ptr<const JsonSchema> output_schema;  ///< of the result; null: anything
};

/// Everything a spec may name. Immutable while a Dag built on it lives; thread-safe.
class OperatorCatalog {
 public:
  virtual ~OperatorCatalog() = default;
  /// Null if there is none. The info lives as long as the catalog.
  [[nodiscard]] virtual const OperatorInfo* find_operator(std::string_view name) const = 0;
  [[nodiscard]] virtual const OperatorInfo* find_callable(std::string_view name) const = 0;
  /// Sorted.
  [[nodiscard]] virtual std::vector<std::string> operator_names() const = 0;
  [[nodiscard]] virtual std::vector<std::string> callable_names() const = 0;
};

}  // namespace leeward
