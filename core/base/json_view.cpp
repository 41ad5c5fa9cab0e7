#include <charconv>
#include <cmath>

#include "core/base/assert.hpp"
#include "core/base/json_document.hpp"

namespace leeward {

std::string_view to_string(JsonKind kind) noexcept {
  switch (kind) {
    case JsonKind::null: return "null";
    case JsonKind::boolean: return "a boolean";
    case JsonKind::integer: return "an integer";
    case JsonKind::number: return "a number";
    case JsonKind::string: return "a string";
    case JsonKind::array: return "an array";
    case JsonKind::object: return "an object";
  }
  return "nothing";
}

JsonDocument::JsonDocument(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JsonDocument::~JsonDocument() = default;
Json JsonDocument::root() const noexcept { return {this, 0}; }

JsonKind Json::kind() const noexcept { return exists() ? document_->impl_->nodes[node_].kind : JsonKind::null; }

bool Json::boolean() const {
  LW_ASSERT(is_boolean(), "the caller checks the kind first");
  return text() == "true";
}

double Json::number() const {
  LW_ASSERT(is_number(), "the caller checks the kind first");
  const std::string_view digits = text();
  double value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

std::optional<std::int64_t> Json::integer() const {
  LW_ASSERT(is_number(), "the caller checks the kind first");
  if (is_integer()) {
    const std::string_view digits = text();
    std::int64_t value = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (read.ec != std::errc{}) return std::nullopt;
    return value;
  }
  constexpr double kExact = 9007199254740992.0;  // 2^53: below, every whole double is one integer only
  const double value = number();
  if (std::trunc(value) != value || std::abs(value) > kExact) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

std::string_view Json::string() const {
  LW_ASSERT(is_string(), "the caller checks the kind first");
  return document_->impl_->string(document_->impl_->nodes[node_]);
}

std::size_t Json::size() const noexcept { return exists() ? document_->impl_->nodes[node_].count : 0; }

Json Json::at(std::size_t index) const noexcept {
  if (index >= size()) return {};
  return {document_, document_->impl_->child(node_, static_cast<std::uint32_t>(index))};
}

Json Json::operator[](std::string_view key) const noexcept {
  if (!is_object()) return {};
  const std::uint32_t found = document_->impl_->find(node_, key);
  return found == JsonNode::kNone ? Json{} : Json{document_, found};
}

std::string_view Json::key() const noexcept {
  LW_ASSERT(exists() && node_ > 0, "only a member's value has a key");
  return document_->impl_->string(document_->impl_->nodes[node_ - 1]);
}

Json Json::key_string() const noexcept {
  LW_ASSERT(exists() && node_ > 0, "only a member's value has a key");
  return {document_, node_ - 1};
}

JsonPosition Json::key_position() const {
  LW_ASSERT(exists() && node_ > 0, "only a member's value has a key");
  return document_->impl_->position(document_->impl_->nodes[node_ - 1].begin);
}

Json::Iterator Json::begin() const noexcept {
  Iterator at;
  at.left_ = size();
  if (at.left_ > 0) at.at_ = {document_, node_ + (is_object() ? 2 : 1)};
  return at;
}

Json::Iterator Json::end() const noexcept { return {}; }

Json::Iterator& Json::Iterator::operator++() noexcept {
  const JsonDocument::Impl& impl = *at_.document_->impl_;
  const JsonNode& node = impl.nodes[at_.node_];
  const bool member = impl.nodes[node.parent].kind == JsonKind::object;
  at_.node_ = node.next + (member ? 1 : 0);
  --left_;
  return *this;
}

std::string_view Json::text() const noexcept {
  if (!exists()) return {};
  const JsonNode& node = document_->impl_->nodes[node_];
  return document_->impl_->text.substr(node.begin, node.end - node.begin);
}

Value Json::value() const {
  if (!exists()) return {};
  return {document_->shared_from_this(), text()};
}

JsonPosition Json::position() const {
  if (!exists()) return {};
  return document_->impl_->position(document_->impl_->nodes[node_].begin);
}

std::string Json::pointer() const { return exists() ? document_->impl_->pointer(node_) : std::string{}; }

Where Json::where() const {
  if (!exists()) return {};
  return document_->impl_->where(node_, document_->impl_->nodes[node_].begin);
}

}  // namespace leeward
