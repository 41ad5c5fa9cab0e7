#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/json_schema.hpp"
#include "core/base/result.hpp"
#include "core/model/operator_info.hpp"

namespace leeward {

/// The rules for what a plugin says of itself, wherever it is read from. Collects the first thing that is wrong, so
/// that reading stays a list of fields.
class ManifestChecker {
 public:
  static constexpr std::uint32_t kMaxOperators = 4096;
  static constexpr std::size_t kMaxText = std::size_t{1} << 20;

  /// `file` is for messages.
  explicit ManifestChecker(std::string file) : file_(std::move(file)) {}

  [[nodiscard]] bool ok() const { return fault_.empty(); }
  /// Code plugin.bad_descriptor. REQUIRES: !ok().
  [[nodiscard]] Error error() const { return {"plugin.bad_descriptor", fault_, {file_, "", 0, 0}}; }
  void fault(std::string message) {
    if (fault_.empty()) fault_ = std::move(message);
  }

  /// A copy of a C string, which may be null.
  [[nodiscard]] std::string text(const char* value, const std::string& what);
  /// Operators and plugins are named in specs and on command lines.
  void name(std::string_view value, const std::string& what);
  void operator_count(std::uint64_t count);
  /// Null if there is none.
  [[nodiscard]] std::shared_ptr<const JsonSchema> schema(const std::string& json, const std::string& what);

 private:
  std::string file_;
  std::string fault_;
};

/// What an operator's flags (LW_OP_...) promise.
[[nodiscard]] OperatorTraits traits_of(std::uint32_t flags);

}  // namespace leeward
