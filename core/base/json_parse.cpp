#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

#include <nlohmann/json.hpp>

#include "core/base/assert.hpp"
#include "core/base/json_diagnose.hpp"
#include "core/base/json_document.hpp"

// Parsing rides on nlohmann's SAX interface, which checks syntax and UTF-8 and does not recurse, but tells neither
// where a token stands nor what a number looked like. Each of its events is exactly one token, so a cursor walks over
// the text in step with them: skip blanks, commas and colons, and there the token begins.

namespace leeward {
namespace {

/// Node numbers and offsets are 32 bits wide.
constexpr std::size_t kMaxBytes = 512u << 20;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// The end of the number that begins at `at`, as JSON's grammar has it: of "01" it is "0".
std::size_t number_end(std::string_view text, std::size_t at) noexcept {
  const auto here = [&] { return at < text.size() ? text[at] : '\0'; };
  const auto digits = [&] {
    while (is_digit(here())) ++at;
  };
  if (here() == '-') ++at;
  if (here() == '0') {
    ++at;
  } else {
    digits();
  }
  if (here() == '.') ++at, digits();
  if (here() != 'e' && here() != 'E') return at;
  ++at;
  if (here() == '+' || here() == '-') ++at;
  digits();
  return at;
}

/// True if the number rounds to infinity, or to zero though it is none.
bool is_out_of_range(std::string_view number) noexcept {
  double value = 0;
  return std::from_chars(number.data(), number.data() + number.size(), value).ec == std::errc::result_out_of_range;
}

/// The text with each number that rounds to infinity replaced by a harmless one of the same length. The library stops
/// at such a number, and parse_all() wants to go on. REQUIRES: the text is well-formed up to the first of them.
std::string without_overflows(std::string_view text) {
  std::string out(text);
  for (std::size_t i = 0; i < out.size();) {
    if (out[i] == '"') {
      for (++i; i < out.size() && out[i] != '"'; ++i) {
        if (out[i] == '\\') ++i;
      }
      ++i;
      continue;
    }
    const std::size_t end = number_end(text, i);
    const std::string_view token = text.substr(i, end - i);
    if (token.size() > 4 && token.find_first_of(".eE") != token.npos && is_out_of_range(token)) {
      std::fill(out.begin() + static_cast<std::ptrdiff_t>(i), out.begin() + static_cast<std::ptrdiff_t>(end), '0');
      out[i] = '1';
      out[i + 1] = '.';
    }
    i = std::max(end, i + 1);
  }
  return out;
}

/// Takes the events of one text and builds the document's nodes.
class Builder {
 public:
  Builder(JsonDocument::Impl& document, const JsonLimits& limits, bool stop_at_first)
      : document_(document), limits_(limits), stop_at_first_(stop_at_first) {}

  /// True if the document is whole; it may still have mistakes.
  bool build();
  /// In the order of the text.
  Errors take_errors();

  // The events. Each returns false to stop.
  bool null() { return scalar(JsonKind::null, 4); }
  bool boolean(bool truth) { return scalar(JsonKind::boolean, truth ? 4 : 5); }
  bool number_integer(std::int64_t) { return integer(); }
  bool number_unsigned(std::uint64_t) { return integer(); }
  bool number_float(double value, const std::string& digits);
  bool string(std::string& decoded);
  bool binary(nlohmann::json::binary_t&) { return false; }
  bool start_object(std::size_t) { return open(JsonKind::object); }
  bool start_array(std::size_t) { return open(JsonKind::array); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(std::string& decoded);
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception& error);

 private:
  struct Found {
    std::size_t offset;
    Error error;
  };

  [[nodiscard]] bool skipping() const noexcept { return !too_deep_.empty(); }
  std::size_t token_begin() noexcept;
  std::size_t string_end(std::size_t begin, std::size_t decoded_size) const noexcept;
  std::uint32_t add(JsonKind kind, std::size_t begin, std::size_t end);
  bool add_string(std::string& decoded, bool is_key);
  bool scalar(JsonKind kind, std::size_t length);
  bool integer();
  bool open(JsonKind kind);
  bool close();
  bool mistake(std::size_t offset, std::string code, std::string message, std::uint32_t node);
  bool number_mistake(std::size_t begin, std::size_t end, std::uint32_t node);
  void seal(std::uint32_t container);
  void start_over();
  void syntax_error();
  bool run(std::string_view text);

  JsonDocument::Impl& document_;
  const JsonLimits& limits_;
  const bool stop_at_first_;
  std::size_t cursor_ = 0;
  JsonContext::After after_ = JsonContext::After::nothing;
  std::vector<std::uint32_t> open_;
  std::vector<bool> too_deep_;  ///< containers open below the deepest one that is kept: is it an object?
  bool overflowed_ = false;
  bool stopped_ = false;
  std::vector<Found> found_;
};

std::size_t Builder::token_begin() noexcept {
  const std::string_view text = document_.text;
  while (text[cursor_] == ' ' || text[cursor_] == '\n' || text[cursor_] == ',' || text[cursor_] == ':' ||
         text[cursor_] == '\t' || text[cursor_] == '\r') {
    ++cursor_;
  }
  return cursor_;
}

/// Without escapes the raw string is as long as the decoded one; an escape is always longer than what it stands for.
std::size_t Builder::string_end(std::size_t begin, std::size_t decoded_size) const noexcept {
  const std::string_view text = document_.text;
  std::size_t at = begin + 1;
  const void* escape = decoded_size == 0 ? nullptr : std::memchr(text.data() + at, '\\', decoded_size);
  if (escape == nullptr && text[at + decoded_size] == '"') return at + decoded_size + 1;
  while (text[at] != '"') at += text[at] == '\\' ? 2 : 1;
  return at + 1;
}

std::uint32_t Builder::add(JsonKind kind, std::size_t begin, std::size_t end) {
  const auto here = static_cast<std::uint32_t>(document_.nodes.size());
  JsonNode node;
  node.begin = static_cast<std::uint32_t>(begin);
  node.end = static_cast<std::uint32_t>(end);
  node.next = here + 1;
  node.kind = kind;
  if (!open_.empty()) node.parent = open_.back();
  document_.nodes.push_back(node);
  return here;
}

bool Builder::mistake(std::size_t offset, std::string code, std::string message, std::uint32_t node) {
  found_.push_back({offset, {std::move(code), std::move(message), document_.where(node, offset)}});
  stopped_ = stopped_ || stop_at_first_;
  return !stopped_;
}

bool Builder::scalar(JsonKind kind, std::size_t length) {
  const std::size_t begin = token_begin();
  cursor_ = begin + length;
  after_ = JsonContext::After::value;
  if (skipping()) return true;
  if (!open_.empty()) ++document_.nodes[open_.back()].count;
  add(kind, begin, cursor_);
  return true;
}

bool Builder::integer() {
  const std::size_t begin = token_begin();
  const std::size_t end = number_end(document_.text, begin);
  return scalar(JsonKind::integer, end - begin);
}

bool Builder::number_float(double, const std::string&) {
  const std::size_t begin = token_begin();
  const std::size_t end = number_end(document_.text, begin);
  const std::string_view token = document_.text.substr(begin, end - begin);
  const bool whole = token.find_first_of(".eE") == token.npos;  // the library falls back to double past 64 bits
  if (!scalar(JsonKind::number, end - begin)) return false;
  if (!whole && !is_out_of_range(token)) return true;
  return number_mistake(begin, end,
                        skipping() ? JsonNode::kNone : static_cast<std::uint32_t>(document_.nodes.size() - 1));
}

bool Builder::number_mistake(std::size_t begin, std::size_t end, std::uint32_t node) {
  const std::string token(document_.text.substr(begin, std::min<std::size_t>(end - begin, 40)));
  const bool whole = token.find_first_of(".eE") == token.npos;
  return mistake(begin, "json.number",
                 whole ? "the integer " + token + " does not fit 64 bits; write it as a string to keep every digit"
                       : "the number " + token + " is out of range (about 1e-308 to 1e308, as a double)",
                 node);
}

bool Builder::add_string(std::string& decoded, bool is_key) {
  const std::size_t begin = token_begin();
  cursor_ = string_end(begin, decoded.size());
  after_ = is_key ? JsonContext::After::key : JsonContext::After::value;
  if (skipping()) return true;
  if (!open_.empty() && !is_key) ++document_.nodes[open_.back()].count;
  const std::uint32_t node = add(JsonKind::string, begin, cursor_);
  document_.nodes[node].is_key = is_key;
  const std::size_t size = decoded.size();
  if (cursor_ - begin - 2 != size) {
    document_.nodes[node].extra = static_cast<std::uint32_t>(document_.decoded.size());
    document_.nodes[node].has_extra = true;
    document_.decoded.push_back(std::move(decoded));
  }
  if (size <= limits_.max_string_bytes) return true;
  return mistake(
      begin, "json.string_too_long",
      "a string of " + std::to_string(size) + " bytes; the limit is " + std::to_string(limits_.max_string_bytes),
      is_key ? document_.nodes[node].parent : node);
}

bool Builder::string(std::string& decoded) { return add_string(decoded, false); }
bool Builder::key(std::string& decoded) { return add_string(decoded, true); }

bool Builder::open(JsonKind kind) {
  const bool object = kind == JsonKind::object;
  const std::size_t begin = token_begin();
  cursor_ = begin + 1;
  after_ = object ? JsonContext::After::object_begin : JsonContext::After::array_begin;
  if (skipping()) return too_deep_.push_back(object), true;
  if (!open_.empty()) ++document_.nodes[open_.back()].count;
  const std::uint32_t node = add(kind, begin, begin + 1);
  if (open_.size() >= static_cast<std::size_t>(limits_.max_depth)) {
    too_deep_.push_back(object);
    return mistake(begin, "json.depth", "nested more than " + std::to_string(limits_.max_depth) + " levels deep", node);
  }
  open_.push_back(node);
  return true;
}

bool Builder::close() {
  cursor_ = token_begin() + 1;
  after_ = JsonContext::After::value;
  if (skipping()) {
    too_deep_.pop_back();
    if (!skipping()) document_.nodes.back().end = static_cast<std::uint32_t>(cursor_);
    return true;
  }
  const std::uint32_t container = open_.back();
  document_.nodes[container].end = static_cast<std::uint32_t>(cursor_);
  document_.nodes[container].next = static_cast<std::uint32_t>(document_.nodes.size());
  seal(container);
  open_.pop_back();
  return !stopped_;
}

void Builder::seal(std::uint32_t container) {
  if (document_.nodes[container].kind == JsonKind::array) return document_.seal_array(container);
  document_.seal_object(container, [this](std::uint32_t key, std::uint32_t earlier) {
    if (stopped_) return;
    const JsonPosition first = document_.position(document_.nodes[earlier].begin);
    mistake(document_.nodes[key].begin, "json.duplicate_key",
            "the name " + json_excerpt(document_.string(document_.nodes[key])) +
                " stands twice in one object; first at line " + std::to_string(first.line) + ", column " +
                std::to_string(first.column),
            key + 1);
  });
}

bool Builder::parse_error(std::size_t, const std::string&, const nlohmann::json::exception& error) {
  constexpr int kNumberOverflow = 406;
  overflowed_ = error.id == kNumberOverflow;
  if (!overflowed_) {
    syntax_error();
  } else if (stop_at_first_) {
    const std::size_t begin = token_begin();
    const std::size_t end = number_end(document_.text, begin);
    number_mistake(begin, end, open_.empty() ? JsonNode::kNone : open_.back());
  }
  stopped_ = true;
  return false;
}

void Builder::syntax_error() {
  JsonContext context{after_, 0, cursor_};
  const std::uint32_t container = open_.empty() ? JsonNode::kNone : open_.back();
  if (skipping()) {
    context.container = too_deep_.back() ? '{' : '[';
  } else if (container != JsonNode::kNone) {
    context.container = document_.text[document_.nodes[container].begin];
  }
  JsonFault fault = diagnose_json(document_.text, context);
  if (fault.at_end && container != JsonNode::kNone) {
    const JsonPosition begin = document_.position(document_.nodes[container].begin);
    fault.message += std::string("; the '") + context.container + "' of line " + std::to_string(begin.line) +
                     ", column " + std::to_string(begin.column) + " is not closed";
  }
  mistake(fault.offset, std::move(fault.code), std::move(fault.message), container);
}

bool Builder::run(std::string_view text) {
  const bool whole = nlohmann::json::sax_parse(text.data(), text.data() + text.size(), this);
  if (!whole || stopped_) return false;
  // The library takes a NUL byte for the end of the text.
  if (document_.text.find_first_not_of(" \t\r\n", cursor_) == std::string_view::npos) return true;
  syntax_error();
  return false;
}

void Builder::start_over() {
  cursor_ = 0;
  after_ = JsonContext::After::nothing;
  open_.clear();
  too_deep_.clear();
  overflowed_ = stopped_ = false;
  found_.clear();
  document_.nodes.clear();
  document_.decoded.clear();
  document_.index.clear();
}

bool Builder::build() {
  const std::string_view text = document_.text;
  const std::size_t limit = std::min(limits_.max_bytes, kMaxBytes);
  if (text.size() > limit) {
    found_.push_back({0,
                      {"json.too_large",
                       "the text has " + std::to_string(text.size()) + " bytes; the limit is " + std::to_string(limit),
                       {document_.file, "", 0, 0}}});
    return false;
  }
  if (text.starts_with("\xEF\xBB\xBF")) {
    mistake(0, "json.bom", "the text begins with a byte-order mark; save it as UTF-8 without one", JsonNode::kNone);
    return false;
  }
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    mistake(0, "json.empty", "expected a JSON value, but the text is empty", JsonNode::kNone);
    return false;
  }
  document_.nodes.reserve(text.size() / 12 + 4);
  if (run(text)) return true;
  if (!overflowed_ || stop_at_first_) return false;
  start_over();
  return run(without_overflows(text));
}

Errors Builder::take_errors() {
  std::stable_sort(found_.begin(), found_.end(), [](const Found& a, const Found& b) { return a.offset < b.offset; });
  Errors errors;
  for (Found& found : found_) errors.push_back(std::move(found.error));
  return errors;
}

}  // namespace

Result<std::shared_ptr<const JsonDocument>> JsonDocument::parse(std::string text, std::string file,
                                                                const JsonLimits& limits) {
  auto impl = std::make_unique<Impl>();
  impl->own = std::move(text);
  impl->text = impl->own;
  impl->file = std::move(file);
  Builder builder(*impl, limits, true);
  if (!builder.build()) return std::move(builder.take_errors().front());
  return std::shared_ptr<const JsonDocument>(new JsonDocument(std::move(impl)));
}

std::shared_ptr<const JsonDocument> JsonDocument::parse_all(std::string text, std::string file,
                                                            const JsonLimits& limits, Errors& errors) {
  auto impl = std::make_unique<Impl>();
  impl->own = std::move(text);
  impl->text = impl->own;
  impl->file = std::move(file);
  Builder builder(*impl, limits, false);
  const bool whole = builder.build();
  Errors found = builder.take_errors();
  std::move(found.begin(), found.end(), std::back_inserter(errors));
  if (!whole) return nullptr;
  return std::shared_ptr<const JsonDocument>(new JsonDocument(std::move(impl)));
}

std::shared_ptr<const JsonDocument> JsonDocument::of(const Value& value) {
  constexpr JsonLimits kNone{kMaxBytes, kMaxBytes, INT32_MAX};
  auto impl = std::make_unique<Impl>();
  impl->lent = value;
  impl->text = impl->lent.json();
  Builder builder(*impl, kNone, true);
  const bool whole = builder.build();
  LW_ASSERT(whole, "a Value holds one valid JSON text");
  return std::shared_ptr<const JsonDocument>(new JsonDocument(std::move(impl)));
}

bool is_json(std::string_view text, const JsonLimits& limits) {
  JsonDocument::Impl impl;
  impl.text = text;
  return Builder(impl, limits, true).build();
}

}  // namespace leeward
