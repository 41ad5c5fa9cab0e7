#include <charconv>
#include <functional>
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

std::size_t hash_of(const Json& value, bool down) {
  constexpr std::size_t kMix = 0x9E3779B97F4A7C15u;
  if (value.is_number()) return std::hash<double>{}(value.number());
  if (value.is_string()) return std::hash<std::string_view>{}(value.string());
  std::size_t hash = (static_cast<std::size_t>(value.kind()) + 1) * kMix + value.size();
  if (value.is_boolean()) return hash + (value.boolean() ? 1 : 0);
  if (!down) return hash;
  for (const Json& child : value) {
    const std::size_t below = hash_of(child, false);
    // Members come in any order, so their sum must not depend on it.
    hash = value.is_array() ? (hash ^ below) * kMix
                            : hash + (std::hash<std::string_view>{}(child.key()) ^ below * kMix) * kMix;
  }
  return hash;
}

/// Exact for every integer that JSON may hold here: a long double has the 64 bits that a double lacks.
long double size_of(const Json& number) {
  if (const auto whole = number.integer()) return static_cast<long double>(*whole);
  std::uint64_t large = 0;
  const std::string_view text = number.text();
  const auto read = std::from_chars(text.data(), text.data() + text.size(), large);
  const bool exact = number.is_integer() && read.ec == std::errc{};
  return exact ? static_cast<long double>(large) : static_cast<long double>(number.number());
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

std::optional<int> json_order(const Json& a, const Json& b) {
  if (a.is_number() && b.is_number()) {
    const long double left = size_of(a);
    const long double right = size_of(b);
    return left < right ? -1 : static_cast<int>(left > right);
  }
  if (!a.is_string() || !b.is_string()) return std::nullopt;
  const int order = a.string().compare(b.string());
  return order < 0 ? -1 : static_cast<int>(order > 0);
}

std::size_t json_hash(const Json& value) { return hash_of(value, true); }

}  // namespace leeward
