#include "core/model/condition.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/base/utf8.hpp"

namespace leeward {

namespace {

using Kind = Condition::Kind;

Error cannot(std::string_view question, const Json& subject) {
  return {"condition.type",
          "\"" + std::string{question} + "\" cannot be asked of " + std::string{to_string(subject.kind())}};
}

Error cannot_compare(const Json& subject, const Json& operand) {
  return {"condition.type", std::string{to_string(subject.kind())} + " cannot be compared with " +
                                std::string{to_string(operand.kind())}};
}

Result<bool> ordered(const Condition& test, const Json& subject, const Json& operand) {
  const auto order = json_order(subject, operand);
  if (!order) return cannot_compare(subject, operand);
  switch (test.kind) {
    case Kind::less_than: return *order < 0;
    case Kind::at_most: return *order <= 0;
    case Kind::greater_than: return *order > 0;
    default: return *order >= 0;
  }
}

Result<bool> contains(const Json& subject, const Json& operand) {
  if (subject.is_array()) return std::find(subject.begin(), subject.end(), operand) != subject.end();
  if (!subject.is_string() && !subject.is_object()) return cannot("contains", subject);
  if (!operand.is_string()) return cannot_compare(subject, operand);
  if (subject.is_object()) return subject[operand.string()].exists();
  return subject.string().find(operand.string()) != std::string_view::npos;
}

Result<bool> contains_any(const Json& subject, const Json& operands) {
  for (const Json& operand : operands) {
    auto found = contains(subject, operand);
    if (!found || *found) return found;
  }
  return false;
}

Result<bool> starts_or_ends(Kind kind, const Json& subject, const Json& operand) {
  if (!subject.is_string()) return cannot(kind == Kind::starts_with ? "starts_with" : "ends_with", subject);
  if (!operand.is_string()) return cannot_compare(subject, operand);
  return kind == Kind::starts_with ? subject.string().starts_with(operand.string())
                                   : subject.string().ends_with(operand.string());
}

/// Characters of a text, elements of a list, members of an object.
std::optional<std::size_t> length_of(const Json& subject) {
  if (subject.is_string()) return utf8_characters(subject.string());
  if (subject.is_array() || subject.is_object()) return subject.size();
  return std::nullopt;
}

Result<bool> is_empty(const Json& subject) {
  if (subject.is_null()) return true;
  const auto length = length_of(subject);
  if (!length) return cannot("is_empty", subject);
  return *length == 0;
}

Result<bool> ask(const Condition& test, const Json& subject);

Result<bool> ask_length(const Condition& test, const Json& subject) {
  const auto length = length_of(subject);
  if (!length) return cannot("length", subject);
  const auto number = JsonDocument::of(Value{std::to_string(*length)});
  for (const Condition& part : test.parts) {
    auto holds = ask(part, number->root());
    if (!holds || !*holds) return holds;
  }
  return true;
}

/// One test about `subject`.
Result<bool> ask(const Condition& test, const Json& subject) {
  const auto document = JsonDocument::of(test.operand);
  const Json operand = document->root();
  switch (test.kind) {
    case Kind::equals: return subject == operand;
    case Kind::not_equals: return !(subject == operand);
    case Kind::in: return std::find(operand.begin(), operand.end(), subject) != operand.end();
    case Kind::contains: return contains(subject, operand);
    case Kind::contains_any: return contains_any(subject, operand);
    case Kind::starts_with:
    case Kind::ends_with: return starts_or_ends(test.kind, subject, operand);
    case Kind::matches:
      if (!subject.is_string()) return cannot("matches", subject);
      return test.patterns.front().search(subject.string());
    case Kind::is_null: return subject.is_null() == operand.boolean();
    case Kind::is_empty: {
      auto empty = is_empty(subject);
      if (!empty) return empty;
      return *empty == operand.boolean();
    }
    case Kind::length: return ask_length(test, subject);
    default: return ordered(test, subject, operand);
  }
}

}  // namespace

Result<bool> Condition::holds() const {
  switch (kind) {
    case Kind::all:
    case Kind::any:
      for (const Condition& part : parts) {
        auto holds = part.holds();
        if (!holds || *holds == (kind == Kind::any)) return holds;
      }
      return kind == Kind::all;
    case Kind::negation: {
      auto holds = parts.front().holds();
      if (!holds) return holds;
      return !*holds;
    }
    default: return ask(*this, JsonDocument::of(subject)->root());
  }
}

}  // namespace leeward
