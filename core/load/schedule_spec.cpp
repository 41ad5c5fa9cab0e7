#include "core/load/schedule_spec.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/suggestion.hpp"
#include "core/load/spec_values.hpp"

namespace leeward {

namespace {

const std::vector<std::string> kPresets{"@once",   "@continuous", "@hourly",    "@daily",
                                        "@weekly", "@monthly",    "@quarterly", "@yearly"};
const std::vector<std::string> kScheduleKeys{"cron", "crons", "every", "timezone", "interval", "run_immediately"};

/// One of the five fields of a cron string, in their order.
struct CronField {
  std::string_view name;
  int least;
  int most;
  std::string_view words;  ///< three letters each, counting from `least`
};
constexpr std::array kCronFields{
    CronField{"minute", 0, 59, ""},
    CronField{"hour", 0, 23, ""},
    CronField{"day of month", 1, 31, ""},
    CronField{"month", 1, 12, "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"},
    CronField{"day of week", 0, 7, "SUNMONTUEWEDTHUFRISAT"},
};

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find_first_of(separators);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<int> number_of(std::string_view text) {
  int number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

/// A number or a month's or day's name, within the field's range.
std::optional<int> point_of(std::string_view text, const CronField& field) {
  if (text.size() == 3 && !field.words.empty()) {
    std::string word{text};
    for (char& c : word) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    for (std::size_t at = 0; at < field.words.size(); at += 3) {
      if (field.words.substr(at, 3) == word) return field.least + static_cast<int>(at / 3);
    }
  }
  const auto number = number_of(text);
  return number && *number >= field.least && *number <= field.most ? number : std::nullopt;
}

/// "*", "5", "1-5", "MON#2", "5L", "L", each with "/step" perhaps.
bool is_cron_part(std::string_view part, const CronField& field) {
  const std::size_t slash = part.find('/');
  if (slash != std::string_view::npos) {
    const auto step = number_of(part.substr(slash + 1));
    if (!step || *step < 1) return false;
    part = part.substr(0, slash);
  }
  if (part == "*" || part == "?") return true;
  if (part == "L" || part == "l") return field.name == "day of month" && slash == std::string_view::npos;
  if (const std::size_t hash = part.find('#'); hash != std::string_view::npos && field.name == "day of week") {
    const auto week = number_of(part.substr(hash + 1));
    return week && *week >= 1 && *week <= 5 && point_of(part.substr(0, hash), field).has_value();
  }
  const std::size_t dash = part.find('-');
  const auto first = point_of(part.substr(0, dash), field);
  if (dash == std::string_view::npos) return first.has_value();
  const auto last = point_of(part.substr(dash + 1), field);
  return first && last && *first <= *last;
}

void check_cron(const Json& cron, Errors& errors) {
  if (!expect(cron.is_string(), "a cron string", cron, errors)) return;
  std::vector<std::string_view> fields = split(cron.string(), " \t");
  std::erase(fields, std::string_view{});
  if (fields.size() != kCronFields.size()) {
    return add_error(errors, "spec.schedule",
                     "a cron string has five fields (minute, hour, day of month, month, day of week), and this has " +
                         std::to_string(fields.size()),
                     cron);
  }
  for (std::size_t f = 0; f < fields.size(); ++f) {
    for (const std::string_view part : split(fields[f], ",")) {
      if (is_cron_part(part, kCronFields[f])) continue;
      add_error(errors, "spec.schedule",
                "\"" + std::string{part} + "\" is no " + std::string{kCronFields[f].name} + " of a cron string (" +
                    std::to_string(kCronFields[f].least) + " to " + std::to_string(kCronFields[f].most) + ")",
                cron);
    }
  }
}

void check_crons(const Json& crons, Errors& errors) {
  if (!expect(crons.is_array() && crons.size() > 0, "a list of cron strings", crons, errors)) return;
  for (const Json& cron : crons) check_cron(cron, errors);
}

void check_word(const Json& schedule, Errors& errors) {
  const std::string word{schedule.string()};
  if (!word.starts_with('@')) return check_cron(schedule, errors);
  if (std::find(kPresets.begin(), kPresets.end(), word) != kPresets.end()) return;
  add_error(errors, "spec.schedule", "no schedule \"" + word + "\"" + did_you_mean(word, kPresets), schedule);
}

void check_member(const Json& member, Errors& errors) {
  const std::string key{member.key()};
  if (key == "cron") {
    check_cron(member, errors);
  } else if (key == "crons") {
    check_crons(member, errors);
  } else if (key == "every") {
    const auto every = read_duration(member, errors);
    if (every && every->count() == 0)
      add_error(errors, "spec.schedule", "a schedule cannot come due all the time", member);
  } else if (key == "timezone") {
    expect(member.is_string(), "the name of a time zone", member, errors);
  } else if (key == "interval") {
    expect(member.is_boolean(), "true or false", member, errors);
  } else if (key == "run_immediately") {
    expect(member.is_boolean() || member.is_number() || member.is_string(), "true, false or a duration", member,
           errors);
    if (!member.is_boolean() && (member.is_number() || member.is_string())) (void)read_duration(member, errors);
  } else {
    add_key_error(errors, "spec.unknown_key", "no key \"" + key + "\" in a schedule" + did_you_mean(key, kScheduleKeys),
                  member);
  }
}

}  // namespace

void check_schedule(const Json& schedule, Errors& errors) {
  if (schedule.is_null()) return;
  if (schedule.is_string()) return check_word(schedule, errors);
  if (!expect(schedule.is_object(), "null, a preset such as \"@daily\", a cron string, or an object", schedule,
              errors)) {
    return;
  }
  for (const Json& member : schedule) check_member(member, errors);
  const int kinds = static_cast<int>(schedule["cron"].exists()) + static_cast<int>(schedule["crons"].exists()) +
                    static_cast<int>(schedule["every"].exists());
  if (kinds != 1) add_error(errors, "spec.schedule", "expected one of \"cron\", \"crons\" and \"every\"", schedule);
}

}  // namespace leeward
