#include "core/base/json_schema_format.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <string>

#include "core/base/ascii.hpp"
#include "core/base/regex.hpp"
#include "core/base/time_format.hpp"
#include "core/base/uri.hpp"

namespace leeward {
namespace {

/// Year, month and day exist. (A date may lie further off than a Timestamp.)
bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto number = [&](std::size_t at, std::size_t digits) {
    int value = 0;
    for (std::size_t i = at; i < at + digits; ++i) value = is_digit(text[i]) ? value * 10 + (text[i] - '0') : -100'000;
    return value;
  };
  const int year = number(0, 4), month = number(5, 2), day = number(8, 2);
  if (year < 0 || month < 0 || day < 0) return false;
  return std::chrono::year_month_day{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                     std::chrono::day{static_cast<unsigned>(day)}}
      .ok();
}

/// A leap second is the last of a day, UTC; here it may be the last of any minute.
bool is_time(std::string_view text) {
  if (text.size() < 9 || !(is_digit(text[text.size() - 1]) || text.back() == 'Z' || text.back() == 'z')) return false;
  const std::string_view clock = text.substr(0, 8);
  const std::string_view rest = text.substr(8);
  if (rest.find_first_of("Zz+-") == rest.npos) return false;
  const std::string whole = clock.ends_with(":60") ? std::string(clock.substr(0, 6)) + "59" : std::string(clock);
  return parse_timestamp("2000-01-01T" + whole + std::string(rest)).ok();
}

bool is_date_time(std::string_view text) {
  return text.size() > 11 && is_date(text.substr(0, 10)) && (text[10] == 'T' || text[10] == 't') &&
         is_time(text.substr(11));
}

bool is_hostname(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  for (bool more = true; more;) {
    const std::size_t dot = text.find('.');
    const std::string_view label = text.substr(0, dot);
    const bool letters = std::all_of(label.begin(), label.end(), [](char c) { return is_alnum(c) || c == '-'; });
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-' || !letters) return false;
    more = dot != text.npos;
    if (more) text.remove_prefix(dot + 1);
  }
  return true;
}

bool is_ipv4(std::string_view text) {
  int parts = 0;
  for (bool more = true; more; ++parts) {
    const std::size_t dot = text.find('.');
    const std::string_view part = text.substr(0, dot);
    int value = 256;
    if (part.empty() || part.size() > 3 || !std::all_of(part.begin(), part.end(), is_digit)) return false;
    std::from_chars(part.data(), part.data() + part.size(), value);
    if (value > 255 || (part.size() > 1 && part[0] == '0')) return false;
    more = dot != text.npos;
    if (more) text.remove_prefix(dot + 1);
  }
  return parts == 4;
}

/// The number of 16-bit groups in "1:22:abcd", an IPv4 address at the end counting for two; -1 if it is none. Of "" it
/// is 0.
int ipv6_groups(std::string_view text, bool ipv4_may_end) {
  if (text.empty()) return 0;
  int groups = 0;
  for (bool more = true; more;) {
    const std::size_t colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    more = colon != text.npos;
    if (!more && ipv4_may_end && is_ipv4(group)) return groups + 2;
    if (group.empty() || group.size() > 4 || !std::all_of(group.begin(), group.end(), is_hex_digit)) return -1;
    ++groups;
    if (more) text.remove_prefix(colon + 1);
  }
  return groups;
}

bool is_ipv6(std::string_view text) {
  const std::size_t gap = text.find("::");
  if (gap == text.npos) return ipv6_groups(text, true) == 8;
  const int before = ipv6_groups(text.substr(0, gap), false);
  const int behind = ipv6_groups(text.substr(gap + 2), true);
  return before >= 0 && behind >= 0 && before + behind < 8;
}

bool is_email(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == text.npos || at == 0 || at > 64) return false;
  const std::string_view local = text.substr(0, at);
  const std::string_view domain = text.substr(at + 1);
  constexpr std::string_view kMarks = "!#$%&'*+-/=?^_`{|}~.";
  const bool quoted = local.size() > 2 && local.front() == '"' && local.back() == '"';
  const bool dots = local.front() != '.' && local.back() != '.' && local.find("..") == local.npos;
  const bool plain = std::all_of(local.begin(), local.end(), [&](char c) {
    return is_alnum(c) || kMarks.find(c) != kMarks.npos || static_cast<unsigned char>(c) >= 0x80;
  });
  if (!quoted && !(dots && plain)) return false;
  if (!domain.starts_with('[')) return is_hostname(domain);
  if (!domain.ends_with(']')) return false;
  const std::string_view literal = domain.substr(1, domain.size() - 2);
  return literal.starts_with("IPv6:") ? is_ipv6(literal.substr(5)) : is_ipv4(literal);
}

bool is_json_pointer(std::string_view text) {
  if (!text.empty() && text[0] != '/') return false;
  for (std::size_t i = text.find('~'); i != text.npos; i = text.find('~', i + 1)) {
    if (i + 1 >= text.size() || (text[i + 1] != '0' && text[i + 1] != '1')) return false;
  }
  return true;
}

bool is_relative_json_pointer(std::string_view text) {
  std::size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) ++digits;
  if (digits == 0 || (digits > 1 && text[0] == '0')) return false;
  return text.substr(digits) == "#" || is_json_pointer(text.substr(digits));
}

bool is_regex(std::string_view text) { return Regex::compile(text).ok(); }

}  // namespace

FormatCheck format_check(std::string_view name) {
  struct Format {
    std::string_view name;
    FormatCheck check;
  };
  constexpr Format kFormats[] = {{"date-time", is_date_time},
                                 {"date", is_date},
                                 {"time", is_time},
                                 {"email", is_email},
                                 {"hostname", is_hostname},
                                 {"ipv4", is_ipv4},
                                 {"ipv6", is_ipv6},
                                 {"uri", is_uri},
                                 {"uri-reference", is_uri_reference},
                                 {"json-pointer", is_json_pointer},
                                 {"relative-json-pointer", is_relative_json_pointer},
                                 {"regex", is_regex}};
  for (const Format& format : kFormats) {
    if (format.name == name) return format.check;
  }
  return nullptr;
}

}  // namespace leeward
