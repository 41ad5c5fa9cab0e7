#include <algorithm>

#include "core/base/json_schema_validator.hpp"
#include "core/base/utf8.hpp"

// How SchemaValidator joins schemas: allOf, anyOf, oneOf, not, if.

namespace leeward {
namespace {

/// How far a branch that was refused is from what the author meant, from the mistakes found with it.
struct Distance {
  enum class Reason { near, other_variant, other_kind };
  Reason reason = Reason::near;
  std::size_t mistakes = 0;
  friend auto operator<=>(const Distance&, const Distance&) = default;
};

/// A branch for another kind of value is far; so is one whose member with a fixed value ("type": "cron") says something
/// else.
Distance distance_of(const SchemaMistakes& mistakes, const Json& value) {
  constexpr std::size_t kWeighed = 32;  // what kind of thing a value is shows early
  Distance distance{Distance::Reason::near, mistakes.size()};
  for (std::size_t i = 0; i < std::min(mistakes.size(), kWeighed); ++i) {
    const SchemaMistake& mistake = mistakes[i];
    const auto is_it = [&](const Json& place) { return place.text().data() == mistake.at.text().data(); };
    if (is_it(value) && mistake.other_kind) distance.reason = Distance::Reason::other_kind;
    if (mistake.keyword != "const" && mistake.keyword != "enum") continue;
    const bool of_member = value.is_object() && std::any_of(value.begin(), value.end(), is_it);
    if (is_it(value) || of_member) distance.reason = std::max(distance.reason, Distance::Reason::other_variant);
  }
  return distance;
}

}  // namespace

std::string SchemaValidator::wanted(SchemaId id) const {
  const SchemaNode& node = node_of(id);
  if (node.constant) return found_in_words(node.constant);
  if (node.enumeration && node.enumeration.text().size() <= 80) return "one of " + std::string(node.enumeration.text());
  return node.type ? types_in_words(node.type) : std::string{};
}

std::string SchemaValidator::one_property_each(const std::vector<SchemaId>& branches) const {
  std::string names;
  for (std::size_t i = 0; i < branches.size(); ++i) {
    const SchemaNode& node = node_of(branches[i]);
    if (node.required.size() != 1 || node.at.size() != 1) return {};
    names += (i == 0 ? "" : i + 1 == branches.size() ? " and " : ", ") + json_excerpt(node.required.front());
  }
  return names;
}

Verdict SchemaValidator::combinations(const SchemaNode& node, const Json& value, SchemaMistakes* out) {
  Verdict verdict = Verdict::yes;
  for (const SchemaId id : node.all_of) {
    verdict = std::min(verdict, check(id, value, out));
    if (enough(verdict, out)) return verdict;
  }
  if (!node.any_of.empty()) verdict = std::min(verdict, any_of(node, value, out));
  if (!node.one_of.empty() && !enough(verdict, out)) verdict = std::min(verdict, one_of(node, value, out));
  if (node.negated != kNoSchema && !enough(verdict, out)) verdict = std::min(verdict, negated(node, value, out));
  if (node.condition != kNoSchema && !enough(verdict, out)) verdict = std::min(verdict, conditional(node, value, out));
  return verdict;
}

Verdict SchemaValidator::any_of(const SchemaNode& node, const Json& value, SchemaMistakes* out) {
  Verdict best = Verdict::no;
  for (const SchemaId id : node.any_of) {
    best = std::max(best, check(id, value, nullptr));
    if (best == Verdict::yes) return best;
  }
  if (best == Verdict::no && out != nullptr) tell_closest("anyOf", node.any_of, value, *out);
  return best;
}

Verdict SchemaValidator::one_of(const SchemaNode& node, const Json& value, SchemaMistakes* out) {
  std::vector<std::size_t> sure;
  bool perhaps = false;
  for (std::size_t i = 0; i < node.one_of.size(); ++i) {
    const Verdict verdict = check(node.one_of[i], value, nullptr);
    if (verdict == Verdict::yes) sure.push_back(i + 1);
    perhaps = perhaps || verdict == Verdict::maybe;
  }
  if (sure.size() > 1) {
    if (const std::string names = one_property_each(node.one_of); !names.empty()) {
      return wrong(out, "oneOf", value, "only one of the properties " + names + " may be given");
    }
    return wrong(out, "oneOf", value,
                 "fits more than one of the " + std::to_string(node.one_of.size()) + " alternatives (number " +
                     std::to_string(sure[0]) + " and number " + std::to_string(sure[1]) + "); it must fit exactly one");
  }
  if (perhaps) return Verdict::maybe;
  if (sure.size() == 1) return Verdict::yes;
  if (out != nullptr) tell_closest("oneOf", node.one_of, value, *out);
  return Verdict::no;
}

Verdict SchemaValidator::negated(const SchemaNode& node, const Json& value, SchemaMistakes* out) {
  const Verdict verdict = check(node.negated, value, nullptr);
  if (verdict == Verdict::no) return Verdict::yes;
  if (verdict == Verdict::maybe) return Verdict::maybe;
  const SchemaNode& excluded = node_of(node.negated);
  const std::string what = wanted(node.negated);
  if (!what.empty() && excluded.at.size() == 1) return wrong(out, "not", value, "must not be " + what);
  return wrong(out, "not", value,
               "must not be what the schema excludes: " + std::string(utf8_prefix(excluded.at.text(), 80)));
}

Verdict SchemaValidator::conditional(const SchemaNode& node, const Json& value, SchemaMistakes* out) {
  const Verdict condition = check(node.condition, value, nullptr);
  if (condition == Verdict::maybe) return Verdict::maybe;
  const SchemaId id = condition == Verdict::yes ? node.then : node.otherwise;
  return id == kNoSchema ? Verdict::yes : check(id, value, out);
}

/// No branch fits. If one is clearly what the author meant, its mistakes are the mistakes; else one line names what
/// would fit.
void SchemaValidator::tell_closest(std::string_view keyword, const std::vector<SchemaId>& branches, const Json& value,
                                   SchemaMistakes& out) {
  const std::string names = value.is_object() && branches.size() > 1 ? one_property_each(branches) : std::string{};
  if (!names.empty()) {
    wrong(&out, keyword, value, "one of the properties " + names + " must be given");
    return;
  }
  std::vector<SchemaMistakes> mistakes(branches.size());
  std::vector<Distance> distances(branches.size());
  for (std::size_t i = 0; i < branches.size(); ++i) {
    check(branches[i], value, &mistakes[i]);
    distances[i] = distance_of(mistakes[i], value);
  }
  const std::size_t best =
      static_cast<std::size_t>(std::min_element(distances.begin(), distances.end()) - distances.begin());
  const auto as_good = [&](const Distance& distance) { return distance == distances[best]; };
  const auto same_reason = [&](const Distance& distance) { return distance.reason == distances[best].reason; };
  const bool only_near = distances[best].reason == Distance::Reason::near &&
                         std::count_if(distances.begin(), distances.end(), as_good) == 1;
  const bool only_kind = distances[best].reason == Distance::Reason::other_variant &&
                         std::count_if(distances.begin(), distances.end(), same_reason) == 1;
  if (branches.size() == 1 || only_near || only_kind) {
    std::move(mistakes[best].begin(), mistakes[best].end(), std::back_inserter(out));
    return;
  }
  constexpr std::size_t kShown = 4;
  std::vector<std::string> kinds;
  std::vector<std::string> reasons;
  for (std::size_t i = 0; i < branches.size(); ++i) {
    const std::string what = wanted(branches[i]);
    if (distances[i].reason == Distance::Reason::other_kind && !what.empty()) kinds.push_back(what);
    if (distances[i].reason == distances[best].reason && !mistakes[i].empty())
      reasons.push_back(mistakes[i].front().message);
  }
  const bool only_kinds = kinds.size() == branches.size();
  std::vector<std::string>& shown = only_kinds ? kinds : reasons;
  std::string message =
      only_kinds ? "expected " : "fits none of the " + std::to_string(branches.size()) + " alternatives: ";
  for (std::size_t i = 0; i < std::min(shown.size(), kShown); ++i)
    message += (i == 0 ? "" : only_kinds ? " or " : "; or ") + shown[i];
  if (only_kinds) message += ", found " + found_in_words(value);
  wrong(&out, keyword, value, std::move(message));
}

}  // namespace leeward
