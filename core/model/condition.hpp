#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/json.hpp"
#include "core/base/regex.hpp"

namespace leeward {

/// A question about a value, as data: {"value": "{answer}", "length": {"less_than": 50}}, joined by all, any, not.
/// Never evaluated as code. Immutable, thread-safe.
///
/// The grammar, and what each test means, stand with the parser (core/load/condition_parser.hpp).
class Condition {
 public:
  enum class Kind : std::uint8_t {
    all,
    any,
    negation,  // of `parts`
    equals,
    not_equals,
    in,  // against `operand`
    less_than,
    at_most,
    greater_than,
    at_least,
    contains,
    contains_any,
    starts_with,
    ends_with,
    matches,
    is_empty,
    is_null,
    length,  // length: `parts` hold tests of the length
  };
  Kind kind{};
  std::vector<Condition> parts;
  Value subject;  ///< the value asked about; unused by all, any, negation
  Value operand;
  std::vector<Regex> patterns;  ///< one, for matches

  /// Whether it holds. Code condition.type when the subject cannot be asked this (a list compared with a number).
  [[nodiscard]] Result<bool> holds() const;
};

}  // namespace leeward
