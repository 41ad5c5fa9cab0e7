#include <utility>
#include <vector>

#include "core/base/json.hpp"

namespace leeward {
namespace {

bool equal_numbers(const Json& a, const Json& b) {
  if (a.text() == b.text()) return true;
  const auto exact_a = a.integer();
  const auto exact_b = b.integer();
  if (exact_a || exact_b) return exact_a == exact_b;
  if (a.is_integer() && b.is_integer()) return false;  // beyond int64 and not the same digits
  return a.number() == b.number();
}

using Pairs = std::vector<std::pair<Json, Json>>;

/// Compares what the two hold themselves and leaves what they contain in `open`.
bool equal_here(const Json& a, const Json& b, Pairs& open) {
  if (a.exists() != b.exists()) return false;
  if (a.is_number() && b.is_number()) return equal_numbers(a, b);
  if (a.kind() != b.kind() || a.size() != b.size()) return false;
  switch (a.kind()) {
    case JsonKind::boolean: return a.boolean() == b.boolean();
    case JsonKind::string: return a.string() == b.string();
    case JsonKind::array: {
      auto other = b.begin();
      for (const Json& element : a) open.emplace_back(element, *other), ++other;
      return true;
    }
    case JsonKind::object:
      for (const Json& member : a) {
        const Json other = b[member.key()];
        if (!other) return false;
        open.emplace_back(member, other);
      }
      return true;
    default: return true;
  }
}

}  // namespace

bool operator==(const Json& a, const Json& b) noexcept {
  Pairs open{{a, b}};
  while (!open.empty()) {
    const auto [left, right] = open.back();
    open.pop_back();
    if (!equal_here(left, right, open)) return false;
  }
  return true;
}

}  // namespace leeward
