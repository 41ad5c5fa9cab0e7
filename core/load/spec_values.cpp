#include "core/load/spec_values.hpp"

#include <algorithm>
#include <utility>

#include "core/base/time_format.hpp"
#include "core/load/spec_limits.hpp"

namespace leeward {

namespace {

constexpr bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

void add_error(Errors& errors, std::string code, std::string message, const Json& at) {
  if (has_room(errors)) errors.push_back({std::move(code), std::move(message), at.where()});
}

bool has_room(Errors& errors) {
  if (errors.size() == kMaxMistakes) {
    errors.push_back({"spec.limit", "there are more mistakes than these " + std::to_string(kMaxMistakes), {}});
  }
  return errors.size() < kMaxMistakes;
}

void add_key_error(Errors& errors, std::string code, std::string message, const Json& member) {
  if (!has_room(errors)) return;
  Where where = member.where();
  const JsonPosition key = member.key_position();
  where.line = key.line;
  where.column = key.column;
  errors.push_back({std::move(code), std::move(message), std::move(where)});
}

bool expect(bool holds, std::string_view expected, const Json& value, Errors& errors) {
  if (holds) return true;
  add_error(errors, "spec.type",
            "expected " + std::string{expected} + ", and this is " + std::string{to_string(value.kind())}, value);
  return false;
}

std::optional<bool> read_boolean(const Json& value, Errors& errors) {
  if (!expect(value.is_boolean(), "true or false", value, errors)) return std::nullopt;
  return value.boolean();
}

std::optional<int> read_integer(const Json& value, int least, Errors& errors) {
  if (!expect(value.is_integer(), "an integer", value, errors)) return std::nullopt;
  const auto number = value.integer();
  if (number && *number >= least && *number <= INT32_MAX) return static_cast<int>(*number);
  add_error(errors, "spec.value",
            "expected an integer from " + std::to_string(least) + " to " + std::to_string(INT32_MAX) +
                ", and this is " + std::string{value.text()},
            value);
  return std::nullopt;
}

std::optional<Duration> read_duration(const Json& value, Errors& errors) {
  constexpr std::string_view kExpected = "seconds as a number, or a text like \"90s\", \"1h30m\" or \"PT5M\"";
  if (!expect(value.is_number() || value.is_string(), kExpected, value, errors)) return std::nullopt;
  auto duration = duration_of(value);
  if (duration) return *duration;
  add_error(errors, "spec.duration", std::move(duration).error().message, value);
  return std::nullopt;
}

std::optional<Timestamp> read_date(const Json& value, Errors& errors) {
  constexpr std::string_view kExpected = "a date like \"2024-01-01\", or a time like \"2024-01-01T09:30:00Z\"";
  if (!expect(value.is_string(), kExpected, value, errors)) return std::nullopt;
  if (const auto time = parse_timestamp(value.string())) return *time;
  add_error(
      errors, "spec.date",
      "there is no such date: " + std::string{value.text().substr(0, 64)} + "; expected " + std::string{kExpected},
      value);
  return std::nullopt;
}

bool is_id(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 128 && is_alphanumeric(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alphanumeric(c) || c == '_' || c == '.' || c == '-'; });
}

bool read_id(const Json& value, Errors& errors) {
  if (!expect(value.is_string(), "an id", value, errors)) return false;
  if (is_id(value.string())) return true;
  add_error(errors, "spec.id",
            "an id begins with a letter or digit, goes on with letters, digits, '_', '.' and '-', and has at most 128 "
            "characters; this is " +
                std::string{value.text().substr(0, 64)} + (value.text().size() > 64 ? "..." : ""),
            value);
  return false;
}

}  // namespace leeward
