#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/base/json_schema_node.hpp"

namespace leeward {

/// A mistake with what is needed to weigh it against others.
struct SchemaMistake {
  std::string_view keyword;
  Json at;  ///< the value (or key) that is wrong
  std::string message;
  bool at_key = false;      ///< point at the member's key instead
  bool other_kind = false;  ///< a value of this kind could not be right whatever it says
};
using SchemaMistakes = std::vector<SchemaMistake>;

/// How a value fares with a schema. `maybe`: it depends on a value that is not known yet. Worse is less.
enum class Verdict { no, maybe, yes };

/// Checks one value. Private to core/base/json_schema_*.cpp; lives for one call of JsonSchema::validate().
///
/// Every check has two manners: with a list it goes on and tells all mistakes, without one it stops at the first. The
/// second decides what `anyOf`, `not`, `if` and their like need to know, so that mistakes are only written up where
/// they count.
class SchemaValidator {
 public:
  SchemaValidator(const JsonSchema::Impl& schema, const JsonSchema::Undecided& undecided, const Json& value)
      : schema_(schema), undecided_(undecided), most_steps_(kFreeSteps + kStepsPerByte * value.text().size()) {}

  Verdict check(SchemaId id, const Json& value, SchemaMistakes* out);

  /// True if the limits below were met: then no verdict counts, since a `not` may have turned it round.
  [[nodiscard]] bool gave_up() const { return gave_up_; }

 private:
  Verdict check_all(const SchemaNode& node, const Json& value, SchemaMistakes* out);
  Verdict type(const SchemaNode& node, const Json& value, SchemaMistakes* out);
  Verdict fixed(const SchemaNode& node, const Json& value, SchemaMistakes* out);
  Verdict number(const SchemaNode& node, const Json& value, SchemaMistakes* out);
  Verdict string(const SchemaNode& node, const Json& value, SchemaMistakes* out);

  Verdict array(const SchemaNode& node, const Json& value, SchemaMistakes* out);
  Verdict elements(const SchemaNode& node, const Json& value, SchemaMistakes* out);
  Verdict contains(const SchemaNode& node, const Json& value, SchemaMistakes* out);
  Verdict unique(const Json& value, SchemaMistakes* out);
  Verdict object(const SchemaNode& node, const Json& value, SchemaMistakes* out);
  Verdict members(const SchemaNode& node, const Json& value, std::vector<std::string>& guessed, SchemaMistakes* out);
  Verdict member(const SchemaNode& node, const Json& value, std::vector<std::string>& guessed, SchemaMistakes* out);
  Verdict required(const SchemaNode& node, const Json& value, const std::vector<std::string>& guessed,
                   SchemaMistakes* out);
  Verdict dependencies(const SchemaNode& node, const Json& value, SchemaMistakes* out);

  Verdict combinations(const SchemaNode& node, const Json& value, SchemaMistakes* out);
  Verdict any_of(const SchemaNode& node, const Json& value, SchemaMistakes* out);
  Verdict one_of(const SchemaNode& node, const Json& value, SchemaMistakes* out);
  Verdict negated(const SchemaNode& node, const Json& value, SchemaMistakes* out);
  Verdict conditional(const SchemaNode& node, const Json& value, SchemaMistakes* out);
  void tell_closest(std::string_view keyword, const std::vector<SchemaId>& branches, const Json& value,
                    SchemaMistakes& out);

  [[nodiscard]] bool is_undecided(const Json& value) const { return undecided_ && undecided_(value); }
  /// The value or anything in it.
  [[nodiscard]] bool holds_undecided(const Json& value) const;
  /// "\"a\" and \"b\"", if all that each branch asks for is one property; else empty.
  [[nodiscard]] std::string one_property_each(const std::vector<SchemaId>& branches) const;
  /// What the schema wants, in a few words; empty if that takes more.
  [[nodiscard]] std::string wanted(SchemaId id) const;
  [[nodiscard]] const SchemaNode& node_of(SchemaId id) const;

  /// True, and remembered, if checking has become too much.
  bool too_much() { return gave_up_ = gave_up_ || ++steps_ > most_steps_ || depth_ >= kDeepest; }
  /// Notes the mistake. Always `no`.
  static Verdict wrong(SchemaMistakes* out, std::string_view keyword, const Json& at, std::string message,
                       bool at_key = false) {
    if (out != nullptr && out->size() < kMostMistakes) out->push_back({keyword, at, std::move(message), at_key});
    return Verdict::no;
  }
  /// True if nothing that could still be found would change what the caller gets.
  static bool enough(Verdict verdict, const SchemaMistakes* out) { return verdict == Verdict::no && out == nullptr; }

  /// A schema can be written so that checking takes time exponential in the value's depth, and a value as deep as it
  /// likes. No honest pair comes near these.
  static constexpr std::size_t kFreeSteps = 300'000;
  static constexpr std::size_t kStepsPerByte = 16;
  static constexpr int kDeepest = 1500;
  /// More help nobody.
  static constexpr std::size_t kMostMistakes = 10'000;

  const JsonSchema::Impl& schema_;
  const JsonSchema::Undecided& undecided_;
  const std::size_t most_steps_;
  std::size_t steps_ = 0;
  int depth_ = 0;
  bool gave_up_ = false;
};

/// "an integer", "the string \"x\"", "an array": what was found, for messages.
[[nodiscard]] std::string found_in_words(const Json& value);
/// "a string or null". `type` is the keyword's value.
[[nodiscard]] std::string types_in_words(const Json& type);
/// "2 elements", "1 element".
[[nodiscard]] std::string count_in_words(std::size_t count, const std::string& noun);

}  // namespace leeward
