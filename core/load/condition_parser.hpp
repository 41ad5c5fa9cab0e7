#pragma once

#include "core/base/json.hpp"
#include "core/model/condition.hpp"

namespace leeward {

// The grammar of conditions:
//
//   condition := {"all": [condition, ...]} | {"any": [condition, ...]} | {"not": condition}
//              | {"value": anything, test, ...}              several tests must all hold
//
//   test                                  holds if the value ...
//   "equals": anything                    is the same JSON value (1 equals 1.0; members in any order)
//   "not_equals": anything                is not
//   "in": [anything, ...]                 equals one of these
//   "less_than" "at_most"                 is a number and < <= > >= this number, or a text that stands
//   "greater_than" "at_least"             before or behind this text by code point
//   "contains": anything                  is a text with this text in it, a list with this element, an object with
//                                         this key
//   "contains_any": [anything, ...]       contains at least one of these
//   "starts_with", "ends_with": "text"    is a text that does
//   "matches": "regular expression"       is a text in which this matches somewhere (RE2's syntax, linear time)
//   "is_empty": true or false             is (is not) null, or a text, list or object of length 0
//   "is_null": true or false              is (is not) null
//   "length": number                      has this many characters (text), elements (list) or members (object)
//   "length": {test, ...}                 has a length for which these tests hold
//
// A value that cannot be asked a question (the length of a number) is an error, not "no".

/// Takes a condition apart whose values are final. Codes condition.syntax, condition.unknown_test, regex.invalid.
[[nodiscard]] Result<Condition> parse_condition(const Json& json);

/// Checks a condition of a spec, whose values may still be templates; they are taken on trust. Appends every mistake.
void check_condition(const Json& json, Errors& errors);

}  // namespace leeward
