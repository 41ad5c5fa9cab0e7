#include <charconv>
#include <cmath>

#include "core/base/json.hpp"
#include "core/base/utf8.hpp"

namespace leeward {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool plain(char c) noexcept { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; }

/// Appends one character that needs more than copying; the bytes it took.
std::size_t append_special(std::string& out, std::string_view text) {
  const char c = text[0];
  switch (c) {
    case '"': out += "\\\""; return 1;
    case '\\': out += "\\\\"; return 1;
    case '\n': out += "\\n"; return 1;
    case '\r': out += "\\r"; return 1;
    case '\t': out += "\\t"; return 1;
    case '\b': out += "\\b"; return 1;
    case '\f': out += "\\f"; return 1;
    default: break;
  }
  const auto byte = static_cast<unsigned char>(c);
  if (byte < 0x20 || byte == 0x7F) {
    constexpr char kHex[] = "0123456789abcdef";
    out += "\\u00";
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
    return 1;
  }
  const std::size_t length = utf8_sequence(text);
  out += length == 0 ? kReplacement : text.substr(0, length);
  return length == 0 ? 1 : length;
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t run = at;
    while (run < text.size() && plain(text[run])) ++run;
    out.append(text, at, run - at);
    at = run;
    if (at < text.size()) at += append_special(out, text.substr(at));
  }
  out += '"';
}

template <class Number>
void append_number(std::string& out, Number number) {
  char digits[32];
  const auto written = std::to_chars(digits, digits + sizeof digits, number);
  out.append(digits, written.ptr);
}

}  // namespace

void JsonWriter::separate() {
  if (comma_) out_ += ',';
  comma_ = true;
}

JsonWriter& JsonWriter::begin_object() {
  separate();
  out_ += '{';
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::end_object() {
  out_ += '}';
  comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::begin_array() {
  separate();
  out_ += '[';
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::end_array() {
  out_ += ']';
  comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  append_quoted(out_, name);
  out_ += ':';
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::string(std::string_view text) {
  separate();
  append_quoted(out_, text);
  return *this;
}

JsonWriter& JsonWriter::integer(std::int64_t number) {
  separate();
  append_number(out_, number);
  return *this;
}

JsonWriter& JsonWriter::number(double number) {
  if (!std::isfinite(number)) return null();
  separate();
  append_number(out_, number);
  return *this;
}

JsonWriter& JsonWriter::boolean(bool truth) {
  separate();
  out_ += truth ? "true" : "false";
  return *this;
}

JsonWriter& JsonWriter::null() {
  separate();
  out_ += "null";
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

std::string json_quote(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  append_quoted(out, text);
  return out;
}

std::string json_excerpt(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return json_quote(text);
  std::string out = json_quote(utf8_prefix(text, max_bytes));
  out.insert(out.size() - 1, "…");
  return out;
}

namespace {

/// The end of the string that begins at `at`. REQUIRES: valid JSON.
std::size_t string_end(std::string_view json, std::size_t at) {
  for (++at; json[at] != '"'; ++at) {
    if (json[at] == '\\') ++at;
  }
  return at + 1;
}

void new_line(std::string& out, std::size_t level) {
  out += '\n';
  out.append(level * 2, ' ');
}

}  // namespace

std::string json_pretty(std::string_view json) {
  std::string out;
  std::size_t level = 0;
  bool fresh = false;  // a container was opened and nothing stands in it yet
  for (std::size_t at = 0; at < json.size(); ++at) {
    const char c = json[at];
    if (c == ' ' || c == '\n' || c == '\t' || c == '\r') continue;
    if (c == '}' || c == ']') {
      --level;
      if (!fresh) new_line(out, level);
      fresh = false;
      out += c;
      continue;
    }
    if (fresh) new_line(out, level);
    fresh = c == '{' || c == '[';
    if (c == '"') {
      const std::size_t end = string_end(json, at);
      out.append(json, at, end - at);
      at = end - 1;
      continue;
    }
    out += c;
    if (fresh) ++level;
    if (c == ',') new_line(out, level);
    if (c == ':') out += ' ';
  }
  return out;
}

}  // namespace leeward
