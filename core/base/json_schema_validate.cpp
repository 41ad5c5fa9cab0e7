#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "core/base/json_schema_validator.hpp"
#include "core/base/suggestion.hpp"
#include "core/base/utf8.hpp"

namespace leeward {
namespace {

/// Marks the mistake that was just noted: not only the value is wrong, its kind is.
Verdict of_other_kind(SchemaMistakes* out) {
  if (out != nullptr) out->back().other_kind = true;
  return Verdict::no;
}

bool same_kind(const Json& a, const Json& b) { return a.kind() == b.kind() || (a.is_number() && b.is_number()); }

bool is_whole(const Json& value) {
  return value.is_integer() || (value.is_number() && std::trunc(value.number()) == value.number());
}

bool has_type(const Json& value, std::string_view name) {
  switch (value.kind()) {
    case JsonKind::null: return name == "null";
    case JsonKind::boolean: return name == "boolean";
    case JsonKind::integer: return name == "integer" || name == "number";
    case JsonKind::number: return name == "number" || (name == "integer" && is_whole(value));
    case JsonKind::string: return name == "string";
    case JsonKind::array: return name == "array";
    case JsonKind::object: return name == "object";
  }
  return false;
}

std::string type_in_words(std::string_view name) {
  if (name == "null") return "null";
  return (name == "integer" || name == "array" || name == "object" ? "an " : "a ") + std::string(name);
}

/// Less, equal, or greater. Exact for 64-bit integers.
int compare(const Json& a, const Json& b) {
  const auto sign = [](auto x, auto y) { return x < y ? -1 : x > y ? 1 : 0; };
  const auto whole_a = a.integer();
  const auto whole_b = b.integer();
  return whole_a && whole_b ? sign(*whole_a, *whole_b) : sign(a.number(), b.number());
}

/// Decimal fractions are not exact as doubles: 0.0075 is a multiple of 0.0001 though its remainder is not quite zero.
bool is_multiple(const Json& value, const Json& of) {
  const auto whole = value.integer();
  const auto whole_of = of.integer();
  if (whole && whole_of) return *whole % *whole_of == 0;
  const double unit = of.number();
  const double rest = std::abs(std::fmod(value.number(), unit));
  const double slack = std::min(std::abs(value.number()) * 1e-15, unit * 1e-6);
  return rest <= slack || unit - rest <= slack;
}

/// True if the limit is there and `size` is on the wrong side of it.
bool over(const Json& limit, std::size_t size) { return limit && static_cast<double>(size) > limit.number(); }
bool under(const Json& limit, std::size_t size) { return limit && static_cast<double>(size) < limit.number(); }

/// "expected one of 1, 2, 3 and 5 more"
std::string members_in_words(const Json& enumeration) {
  constexpr std::size_t kShown = 8;
  std::string out = enumeration.size() == 1 ? "expected " : "expected one of ";
  for (std::size_t i = 0; i < std::min(enumeration.size(), kShown); ++i) {
    const Json one = enumeration.at(i);
    if (i > 0) out += ", ";
    out += one.is_string() ? json_excerpt(one.string()) : std::string(utf8_prefix(one.text(), 60));
  }
  if (enumeration.size() > kShown) out += " and " + std::to_string(enumeration.size() - kShown) + " more";
  return out;
}

std::string guess_among(const Json& enumeration, const Json& value) {
  if (!value.is_string()) return {};
  std::vector<std::string> names;
  for (const Json& one : enumeration) {
    if (one.is_string()) names.emplace_back(one.string());
  }
  return did_you_mean(value.string(), names);
}

}  // namespace

std::string types_in_words(const Json& type) {
  if (type.is_string()) return type_in_words(type.string());
  std::string out;
  for (std::size_t i = 0; i < type.size(); ++i) {
    if (i > 0) out += i + 1 == type.size() ? " or " : ", ";
    out += type_in_words(type.at(i).string());
  }
  return out;
}

std::string found_in_words(const Json& value) {
  switch (value.kind()) {
    case JsonKind::string: return "the string " + json_excerpt(value.string());
    case JsonKind::integer:
    case JsonKind::number: return std::string(value.text().substr(0, 40));
    case JsonKind::boolean: return std::string(value.text());
    default: return std::string(to_string(value.kind()));
  }
}

std::string count_in_words(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

const SchemaNode& SchemaValidator::node_of(SchemaId id) const {
  const SchemaNode* node = &schema_.nodes[id];
  while (node->ref != kNoSchema) node = &schema_.nodes[node->ref];
  return *node;
}

bool SchemaValidator::holds_undecided(const Json& value) const {
  if (!undecided_) return false;
  std::vector<Json> open{value};
  while (!open.empty()) {
    const Json at = open.back();
    open.pop_back();
    if (undecided_(at)) return true;
    for (const Json& child : at) open.push_back(child);
  }
  return false;
}

Verdict SchemaValidator::check(SchemaId id, const Json& value, SchemaMistakes* out) {
  if (too_much()) return Verdict::no;
  if (is_undecided(value)) return Verdict::maybe;
  ++depth_;
  const Verdict verdict = check_all(node_of(id), value, out);
  --depth_;
  return verdict;
}

Verdict SchemaValidator::check_all(const SchemaNode& node, const Json& value, SchemaMistakes* out) {
  if (node.always == SchemaNode::Always::valid) return Verdict::yes;
  if (node.always == SchemaNode::Always::invalid)
    return wrong(out, "false", value, "nothing may stand here"), of_other_kind(out);
  // Of a value of the wrong kind nothing else is worth saying.
  Verdict verdict = type(node, value, out);
  if (verdict == Verdict::no) return verdict;
  verdict = fixed(node, value, out);
  if (verdict == Verdict::no) return verdict;
  if (value.is_number()) verdict = std::min(verdict, number(node, value, out));
  if (value.is_string()) verdict = std::min(verdict, string(node, value, out));
  if (value.is_array()) verdict = std::min(verdict, array(node, value, out));
  if (value.is_object()) verdict = std::min(verdict, object(node, value, out));
  if (enough(verdict, out)) return verdict;
  return std::min(verdict, combinations(node, value, out));
}

Verdict SchemaValidator::type(const SchemaNode& node, const Json& value, SchemaMistakes* out) {
  if (!node.type) return Verdict::yes;
  bool fits = node.type.is_string() && has_type(value, node.type.string());
  if (node.type.is_array()) {
    fits = std::any_of(node.type.begin(), node.type.end(),
                       [&](const Json& name) { return has_type(value, name.string()); });
  }
  if (fits) return Verdict::yes;
  wrong(out, "type", value, "expected " + types_in_words(node.type) + ", found " + found_in_words(value));
  return of_other_kind(out);
}

/// `enum` and `const`
Verdict SchemaValidator::fixed(const SchemaNode& node, const Json& value, SchemaMistakes* out) {
  if (node.constant && !(node.constant == value)) {
    if (holds_undecided(value)) return Verdict::maybe;
    wrong(out, "const", value, "expected " + found_in_words(node.constant) + ", found " + found_in_words(value));
    return same_kind(node.constant, value) ? Verdict::no : of_other_kind(out);
  }
  if (!node.enumeration) return Verdict::yes;
  bool kind_fits = false;
  for (const Json& one : node.enumeration) {
    if (one == value) return Verdict::yes;
    kind_fits = kind_fits || same_kind(one, value);
  }
  if (holds_undecided(value)) return Verdict::maybe;
  if (out == nullptr) return Verdict::no;
  wrong(out, "enum", value,
        members_in_words(node.enumeration) + "; found " + found_in_words(value) + guess_among(node.enumeration, value));
  return kind_fits ? Verdict::no : of_other_kind(out);
}

Verdict SchemaValidator::number(const SchemaNode& node, const Json& value, SchemaMistakes* out) {
  const auto miss = [&](std::string_view keyword, const std::string& what, const Json& limit) {
    return wrong(out, keyword, value,
                 "expected " + what + std::string(limit.text()) + ", found " + found_in_words(value));
  };
  Verdict verdict = Verdict::yes;
  if (node.minimum && compare(value, node.minimum) < 0) verdict = miss("minimum", "at least ", node.minimum);
  if (node.exclusive_minimum && compare(value, node.exclusive_minimum) <= 0) {
    verdict = miss("exclusiveMinimum", "more than ", node.exclusive_minimum);
  }
  if (node.maximum && compare(value, node.maximum) > 0) verdict = miss("maximum", "at most ", node.maximum);
  if (node.exclusive_maximum && compare(value, node.exclusive_maximum) >= 0) {
    verdict = miss("exclusiveMaximum", "less than ", node.exclusive_maximum);
  }
  if (node.multiple_of && !is_multiple(value, node.multiple_of)) {
    verdict = miss("multipleOf", "a multiple of ", node.multiple_of);
  }
  return verdict;
}

Verdict SchemaValidator::string(const SchemaNode& node, const Json& value, SchemaMistakes* out) {
  const std::string_view text = value.string();
  Verdict verdict = Verdict::yes;
  if (node.min_length || node.max_length) {
    const std::size_t length = utf8_characters(text);
    const auto miss = [&](std::string_view keyword, const char* word, const Json& limit) {
      const std::string wanted_length = count_in_words(static_cast<std::size_t>(limit.number()), "character");
      return wrong(out, keyword, value,
                   std::string("expected at ") + word + " " + wanted_length + ", found " + std::to_string(length));
    };
    if (over(node.max_length, length)) verdict = miss("maxLength", "most", node.max_length);
    if (under(node.min_length, length)) {
      verdict = length == 0 ? wrong(out, "minLength", value, "must not be empty")
                            : miss("minLength", "least", node.min_length);
    }
  }
  if (node.pattern && !node.pattern->search(text)) {
    verdict = wrong(out, "pattern", value,
                    "expected a text that matches the pattern " + json_excerpt(node.pattern_text.string(), 200) +
                        ", found " + found_in_words(value));
  }
  if (node.format != nullptr && !node.format(text)) {
    const std::string_view name = node.at["format"].string();
    verdict = wrong(out, "format", value,
                    name == "regex"
                        ? Regex::compile(text).error().message
                        : "expected a text of the format " + std::string(name) + ", found " + found_in_words(value));
  }
  return verdict;
}

void JsonSchema::validate(const Json& instance, Errors& errors, const Undecided& undecided) const {
  // Most values are right, and saying so is quicker than looking for mistakes.
  SchemaValidator quick(*impl_, undecided, instance);
  if (quick.check(impl_->root, instance, nullptr) != Verdict::no && !quick.gave_up()) return;
  SchemaMistakes mistakes;
  SchemaValidator thorough(*impl_, undecided, instance);
  thorough.check(impl_->root, instance, &mistakes);
  if (thorough.gave_up()) {
    mistakes.clear();  // what was found stands on branches that were left half way
    mistakes.push_back(
        {"limit", instance, "cannot be checked: it is nested too deeply, or its schema branches too often"});
  }
  std::stable_sort(mistakes.begin(), mistakes.end(), [](const SchemaMistake& a, const SchemaMistake& b) {
    return a.at.text().data() < b.at.text().data();
  });
  std::set<std::tuple<const char*, std::string_view>> told;  // several branches may find the same fault
  for (const SchemaMistake& mistake : mistakes) {
    if (!told.emplace(mistake.at.text().data(), mistake.message).second) continue;
    Where where = mistake.at.where();
    if (mistake.at_key) {
      const JsonPosition key = mistake.at.key_position();
      where.line = key.line;
      where.column = key.column;
    }
    errors.push_back({"schema." + std::string(mistake.keyword), mistake.message, std::move(where)});
  }
}

}  // namespace leeward
