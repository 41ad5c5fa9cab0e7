#include <algorithm>

#include "core/base/json_document.hpp"
#include "core/base/utf8.hpp"

// Where a node stands: its position in the text and its pointer (RFC 6901).

namespace leeward {
namespace {

std::string escaped(std::string_view key) {
  std::string out;
  for (const char c : key) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

/// Moves line and column over `text`. Bytes that continue a character count for nothing.
void advance(std::string_view text, int& line, int& column) noexcept {
  for (const char c : text) {
    if (c == '\n') {
      ++line;
      column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
      ++column;
    }
  }
}

}  // namespace

void JsonDocument::Impl::make_milestones() const {
  Milestone at{1, 1};
  for (std::size_t offset = 0; offset <= text.size(); offset += kStride) {
    milestones_.push_back(at);
    advance(text.substr(offset, kStride), at.line, at.column);
  }
}

JsonPosition JsonDocument::Impl::position(std::size_t offset) const {
  std::call_once(milestones_made_, [this] { make_milestones(); });
  offset = std::min(offset, text.size());
  const std::size_t before = offset / kStride;
  JsonPosition at{offset, milestones_[before].line, milestones_[before].column};
  advance(text.substr(before * kStride, offset - before * kStride), at.line, at.column);
  return at;
}

std::uint32_t JsonDocument::Impl::child(std::uint32_t container, std::uint32_t position) const noexcept {
  const JsonNode& node = nodes[container];
  if (node.kind == JsonKind::object) {
    std::uint32_t value = container + 2;
    for (std::uint32_t i = 0; i < position; ++i) value = nodes[value].next + 1;
    return value;
  }
  if (node.has_extra) return index[node.extra + position];
  if (node.next - container - 1 == node.count) return container + 1 + position;
  std::uint32_t at = container + 1;
  for (std::uint32_t i = 0; i < position; ++i) at = nodes[at].next;
  return at;
}

std::uint32_t JsonDocument::Impl::position_in_array(std::uint32_t node) const noexcept {
  const std::uint32_t array = nodes[node].parent;
  if (nodes[array].next == array + 1) return nodes[array].count - 1;  // still being read: the node is its last yet
  if (nodes[array].has_extra) {
    const auto first = index.begin() + nodes[array].extra;
    return static_cast<std::uint32_t>(std::lower_bound(first, first + nodes[array].count, node) - first);
  }
  if (nodes[array].next - array - 1 == nodes[array].count) return node - array - 1;
  std::uint32_t position = 0;
  for (std::uint32_t at = array + 1; at != node; at = nodes[at].next) ++position;
  return position;
}

std::string JsonDocument::Impl::pointer(std::uint32_t node) const {
  if (nodes[node].is_key) ++node;  // a key stands where its value does
  std::vector<std::string> steps;
  for (; nodes[node].parent != JsonNode::kNone; node = nodes[node].parent) {
    if (nodes[nodes[node].parent].kind == JsonKind::array) {
      steps.push_back(std::to_string(position_in_array(node)));
    } else {
      steps.push_back(escaped(string(nodes[node - 1])));
    }
  }
  std::string out;
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) out += '/' + *step;
  return out;
}

Where JsonDocument::Impl::where(std::uint32_t node, std::size_t offset) const {
  const JsonPosition at = position(offset);
  return {file, node == JsonNode::kNone ? std::string{} : pointer(node), at.line, at.column};
}

}  // namespace leeward
