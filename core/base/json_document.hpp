#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.hpp"

// Private to core/base/json_*.cpp: how a JsonDocument is laid out.
//
// One array of nodes in text order, the root first. A member is two nodes: its key (a string) and, right behind it, its
// value. `next` is the node after a node's whole subtree, so that brothers are reached in one step and nothing ever
// recurses. A node knows where its bytes stand; numbers and booleans are read from there when asked for, and strings
// too unless they hold escapes.
//
// Containers that are too large to walk get an index when they are closed: an array the list of its elements, an object
// an open-addressed hash table of its keys.

namespace leeward {

struct JsonNode {
  static constexpr std::uint32_t kNone = UINT32_MAX;
  std::uint32_t begin = 0;  ///< in the text
  std::uint32_t end = 0;
  std::uint32_t parent = kNone;
  std::uint32_t next = 0;   ///< the node behind this subtree
  std::uint32_t count = 0;  ///< elements or members
  std::uint32_t extra = 0;  ///< strings: which of `decoded`; containers: where in `index`
  JsonKind kind = JsonKind::null;
  bool has_extra = false;
  bool is_key = false;
};

struct JsonDocument::Impl {
  /// Above this, an object is hashed and an array listed; below, walking is faster than either.
  static constexpr std::uint32_t kWalkLimit = 16;

  std::string own;        ///< the text, if it is ours
  Value lent;             ///< the text, if it is somebody else's
  std::string_view text;  ///< in one of the two above, or in the caller's hands for is_json()
  std::string file;
  std::vector<JsonNode> nodes;
  std::vector<std::string> decoded;  ///< strings that hold escapes
  std::vector<std::uint32_t> index;

  [[nodiscard]] std::string_view string(const JsonNode& node) const noexcept {
    if (node.has_extra) return decoded[node.extra];
    return text.substr(node.begin + 1, node.end - node.begin - 2);
  }

  /// Gives a closed container its index. Calls `duplicate(key node)` for each key that was there before.
  template <class OnDuplicate>
  void seal_object(std::uint32_t object, OnDuplicate duplicate);
  void seal_array(std::uint32_t array);
  /// The value node of the member `key`, or kNone.
  [[nodiscard]] std::uint32_t find(std::uint32_t object, std::string_view key) const noexcept;
  /// The node of the array's element or of the object's member's value. REQUIRES: position < count.
  [[nodiscard]] std::uint32_t child(std::uint32_t container, std::uint32_t position) const noexcept;
  /// Which element of its array a node is.
  [[nodiscard]] std::uint32_t position_in_array(std::uint32_t node) const noexcept;
  [[nodiscard]] std::string pointer(std::uint32_t node) const;
  [[nodiscard]] JsonPosition position(std::size_t offset) const;
  [[nodiscard]] Where where(std::uint32_t node, std::size_t offset) const;

 private:
  [[nodiscard]] std::uint32_t slot_of(const JsonNode& object, std::string_view key) const noexcept;
  /// Enters the key; the key node that already held that name, or kNone.
  std::uint32_t insert(const JsonNode& object, std::uint32_t key);

  /// Line and column at every kStride bytes, made when the first position is asked for: a text may be one long line
  /// with ten thousand mistakes.
  static constexpr std::size_t kStride = 1024;
  struct Milestone {
    int line, column;
  };
  void make_milestones() const;
  mutable std::once_flag milestones_made_;
  mutable std::vector<Milestone> milestones_;
};

/// A keyed hash that nobody outside the process can find collisions for (SipHash-1-3; the key is drawn at start).
[[nodiscard]] std::uint64_t json_key_hash(std::string_view key) noexcept;

template <class OnDuplicate>
void JsonDocument::Impl::seal_object(std::uint32_t object, OnDuplicate duplicate) {
  JsonNode& node = nodes[object];
  const std::uint32_t stop = static_cast<std::uint32_t>(nodes.size());
  if (node.count <= kWalkLimit) {
    for (std::uint32_t key = object + 1; key < stop; key = nodes[key + 1].next) {
      const std::string_view name = string(nodes[key]);
      for (std::uint32_t earlier = object + 1; earlier < key; earlier = nodes[earlier + 1].next) {
        if (string(nodes[earlier]) != name) continue;
        duplicate(key, earlier);
        break;
      }
    }
    return;
  }
  std::size_t slots = 1;
  while (slots < std::size_t{node.count} * 2) slots *= 2;
  node.extra = static_cast<std::uint32_t>(index.size());
  node.has_extra = true;
  index.resize(index.size() + slots, 0);  // 0 is the root, which is no key: an empty slot
  for (std::uint32_t key = object + 1; key < stop; key = nodes[key + 1].next) {
    const std::uint32_t earlier = insert(node, key);
    if (earlier != JsonNode::kNone) duplicate(key, earlier);
  }
}

}  // namespace leeward
