#include "core/base/uri.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "core/base/ascii.hpp"

namespace leeward {
namespace {

struct Parts {
  std::optional<std::string_view> scheme, authority, query, fragment;
  std::string_view path;
};

bool is_scheme(std::string_view text) {
  return !text.empty() && is_letter(text[0]) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_alnum(c) || c == '+' || c == '-' || c == '.'; });
}

/// Cuts what follows the first `mark` off the text.
std::optional<std::string_view> cut_behind(std::string_view& text, char mark) {
  const std::size_t at = text.find(mark);
  if (at == text.npos) return std::nullopt;
  const std::string_view tail = text.substr(at + 1);
  text = text.substr(0, at);
  return tail;
}

Parts split(std::string_view text) {
  Parts parts;
  parts.fragment = cut_behind(text, '#');
  parts.query = cut_behind(text, '?');
  const std::size_t colon = text.find(':');
  if (colon != text.npos && is_scheme(text.substr(0, colon))) {
    parts.scheme = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  if (text.starts_with("//")) {
    const std::size_t end = std::min(text.find('/', 2), text.size());
    parts.authority = text.substr(2, end - 2);
    text.remove_prefix(end);
  }
  parts.path = text;
  return parts;
}

/// "/a/b/../c/./d" is "/a/c/d".
std::string without_dots(std::string_view path) {
  if (path.find("/.") == path.npos && !path.starts_with('.')) return std::string(path);
  const bool rooted = path.starts_with('/');
  std::vector<std::string_view> kept;
  bool open_end = false;  // the path ends with a slash
  if (rooted) path.remove_prefix(1);
  for (bool more = true; more;) {
    const std::size_t slash = path.find('/');
    more = slash != path.npos;
    const std::string_view step = path.substr(0, slash);
    open_end = step == "." || step == "..";
    if (step == ".." && !kept.empty()) kept.pop_back();
    if (!open_end) kept.push_back(step);
    if (more) path.remove_prefix(slash + 1);
  }
  if (open_end) kept.emplace_back();
  std::string out;
  for (const std::string_view step : kept) out.append("/").append(step);
  if (!rooted && !out.empty()) out.erase(0, 1);
  return rooted && out.empty() ? "/" : out;
}

std::string merged(const Parts& base, std::string_view path) {
  if (base.authority && base.path.empty()) return "/" + std::string(path);
  const std::size_t slash = base.path.rfind('/');
  return std::string(base.path.substr(0, slash == base.path.npos ? 0 : slash + 1)) + std::string(path);
}

bool has_uri_characters(std::string_view text) {
  constexpr std::string_view kMarks = "-._~:/?#[]@!$&'()*+,;=";
  std::size_t hashes = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '#' && ++hashes > 1) return false;
    if (c == '%') {
      if (i + 2 >= text.size() || !is_hex_digit(text[i + 1]) || !is_hex_digit(text[i + 2])) return false;
    } else if (!is_alnum(c) && kMarks.find(c) == kMarks.npos) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::string resolve_uri(std::string_view base_text, std::string_view reference_text) {
  const Parts base = split(base_text);
  const Parts reference = split(reference_text);
  Parts to = reference;
  std::string path(reference.path);
  if (!reference.scheme) {
    to.scheme = base.scheme;
    if (!reference.authority) {
      to.authority = base.authority;
      if (path.empty()) {
        path = base.path;
        if (!reference.query) to.query = base.query;
      } else if (!path.starts_with('/')) {
        path = without_dots(merged(base, path));
      }
    }
  }
  if (!reference.path.empty() && path.starts_with('/')) path = without_dots(path);
  std::string out;
  if (to.scheme) out.append(*to.scheme).append(":");
  if (to.authority) out.append("//").append(*to.authority);
  out += path;
  if (to.query) out.append("?").append(*to.query);
  if (to.fragment) out.append("#").append(*to.fragment);
  return out;
}

bool is_uri(std::string_view text) {
  const Parts parts = split(text);
  return parts.scheme && is_uri_reference(text) && (parts.authority || !parts.path.empty());
}

bool is_uri_reference(std::string_view text) {
  const Parts parts = split(text);
  if (!has_uri_characters(text)) return false;
  const bool brackets_elsewhere = parts.path.find_first_of("[]") != parts.path.npos;
  const std::string_view first = parts.path.substr(0, parts.path.find('/'));
  return !brackets_elsewhere && (parts.scheme || first.find(':') == first.npos);
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool code = text[i] == '%' && i + 2 < text.size() && is_hex_digit(text[i + 1]) && is_hex_digit(text[i + 2]);
    out += code ? static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2])) : text[i];
    if (code) i += 2;
  }
  return out;
}

}  // namespace leeward
