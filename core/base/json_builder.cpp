#include "core/base/json_builder.hpp"

#include <algorithm>
#include <utility>

#include "core/base/json_text.hpp"

namespace leeward {

std::size_t JsonBuilder::token_begin() noexcept {
  const std::string_view text = document_.text;
  while (text[cursor_] == ' ' || text[cursor_] == '\n' || text[cursor_] == ',' || text[cursor_] == ':' ||
         text[cursor_] == '\t' || text[cursor_] == '\r') {
    ++cursor_;
  }
  return cursor_;
}

std::uint32_t JsonBuilder::add(JsonKind kind, std::size_t begin, std::size_t end) {
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

bool JsonBuilder::mistake(std::size_t offset, std::string code, std::string message, std::uint32_t node) {
  found_.push_back({offset, {std::move(code), std::move(message), document_.where(node, offset)}});
  stopped_ = stopped_ || stop_at_first_ || found_.size() == kMostMistakes;
  return !stopped_;
}

bool JsonBuilder::scalar(JsonKind kind, std::size_t length) {
  const std::size_t begin = token_begin();
  cursor_ = begin + length;
  after_ = JsonContext::After::value;
  if (skipping()) return true;
  if (!open_.empty()) ++document_.nodes[open_.back()].count;
  add(kind, begin, cursor_);
  return true;
}

bool JsonBuilder::integer() {
  const std::size_t begin = token_begin();
  return scalar(JsonKind::integer, json_number_end(document_.text, begin) - begin);
}

/// Also what has no fraction but is past 64 bits: the parser falls back to double there.
bool JsonBuilder::real() {
  const std::size_t begin = token_begin();
  const std::size_t end = json_number_end(document_.text, begin);
  const std::string_view token = document_.text.substr(begin, end - begin);
  scalar(JsonKind::number, end - begin);
  if (!json_number_is_whole(token) && !json_number_out_of_range(token)) return true;
  return number_mistake(begin, end,
                        skipping() ? JsonNode::kNone : static_cast<std::uint32_t>(document_.nodes.size() - 1));
}

bool JsonBuilder::number_mistake(std::size_t begin, std::size_t end, std::uint32_t node) {
  const std::string token(document_.text.substr(begin, std::min<std::size_t>(end - begin, 40)));
  const bool whole = json_number_is_whole(token);
  return mistake(begin, "json.number",
                 whole ? "the integer " + token + " does not fit 64 bits; write it as a string to keep every digit"
                       : "the number " + token + " is out of range (about 1e-308 to 1e308, as a double)",
                 node);
}

bool JsonBuilder::string(bool is_key) {
  const std::size_t begin = token_begin();
  cursor_ = json_string_end(document_.text, begin);
  after_ = is_key ? JsonContext::After::key : JsonContext::After::value;
  if (skipping()) return true;
  if (!open_.empty() && !is_key) ++document_.nodes[open_.back()].count;
  const std::uint32_t here = add(JsonKind::string, begin, cursor_);
  JsonNode& node = document_.nodes[here];
  node.is_key = is_key;
  const std::string_view inside = document_.text.substr(begin + 1, cursor_ - begin - 2);
  if (inside.find('\\') != inside.npos) {
    node.extra = static_cast<std::uint32_t>(document_.decoded.size());
    node.has_extra = true;
    document_.decoded.push_back(json_unescaped(inside));
  }
  const std::size_t size = document_.string(node).size();
  if (size <= limits_.max_string_bytes) return true;
  return mistake(
      begin, "json.string_too_long",
      "a string of " + std::to_string(size) + " bytes; the limit is " + std::to_string(limits_.max_string_bytes),
      is_key ? node.parent : here);
}

bool JsonBuilder::open(JsonKind kind) {
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

bool JsonBuilder::close() {
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
  if (document_.nodes[container].kind == JsonKind::array) {
    document_.seal_array(container);
  } else {
    document_.seal_object(container, [this](std::uint32_t key, std::uint32_t earlier) { duplicate(key, earlier); });
  }
  open_.pop_back();
  return !stopped_;
}

void JsonBuilder::duplicate(std::uint32_t key, std::uint32_t earlier) {
  if (stopped_) return;
  const JsonPosition first = document_.position(document_.nodes[earlier].begin);
  mistake(document_.nodes[key].begin, "json.duplicate_key",
          "the name " + json_excerpt(document_.string(document_.nodes[key])) +
              " stands twice in one object; first at line " + std::to_string(first.line) + ", column " +
              std::to_string(first.column),
          key + 1);
}

void JsonBuilder::syntax_error() {
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

bool JsonBuilder::overflow() {
  if (!stop_at_first_) {
    start_over();
    return true;
  }
  const std::size_t begin = token_begin();
  number_mistake(begin, json_number_end(document_.text, begin), open_.empty() ? JsonNode::kNone : open_.back());
  return false;
}

bool JsonBuilder::finish() {
  if (stopped_) return false;
  // The parser takes a NUL byte for the end of the text.
  if (document_.text.find_first_not_of(" \t\r\n", cursor_) == std::string_view::npos) return true;
  syntax_error();
  return false;
}

void JsonBuilder::start_over() {
  cursor_ = 0;
  after_ = JsonContext::After::nothing;
  open_.clear();
  too_deep_.clear();
  stopped_ = false;
  found_.clear();
  document_.nodes.clear();
  document_.decoded.clear();
  document_.index.clear();
}

bool JsonBuilder::admit() {
  const std::string_view text = document_.text;
  const std::size_t limit = std::min(limits_.max_bytes, kMostJsonBytes);
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
  document_.nodes.reserve(text.size() / 8 + 4);  // what a spec has; untouched memory costs nothing
  return true;
}

Errors JsonBuilder::take_errors() {
  std::stable_sort(found_.begin(), found_.end(), [](const Found& a, const Found& b) { return a.offset < b.offset; });
  Errors errors;
  for (Found& found : found_) errors.push_back(std::move(found.error));
  return errors;
}

}  // namespace leeward
