#include <bit>
#include <cstring>
#include <random>

#include "core/base/json_document.hpp"

namespace leeward {
namespace {

struct SipState {
  std::uint64_t v0, v1, v2, v3;

  void round() noexcept {
    v0 += v1, v1 = std::rotl(v1, 13), v1 ^= v0, v0 = std::rotl(v0, 32);
    v2 += v3, v3 = std::rotl(v3, 16), v3 ^= v2;
    v0 += v3, v3 = std::rotl(v3, 21), v3 ^= v0;
    v2 += v1, v1 = std::rotl(v1, 17), v1 ^= v2, v2 = std::rotl(v2, 32);
  }
  void take(std::uint64_t word) noexcept { v3 ^= word, round(), v0 ^= word; }
};

struct HashKey {
  std::uint64_t k0, k1;
};

const HashKey& hash_key() {
  static const HashKey key = [] {
    std::random_device random;
    const auto word = [&] { return (std::uint64_t{random()} << 32) | random(); };
    return HashKey{word(), word()};
  }();
  return key;
}

std::size_t slots_of(const JsonNode& object) noexcept { return std::bit_ceil(std::size_t{object.count} * 2); }

}  // namespace

std::uint64_t json_key_hash(std::string_view key) noexcept {
  const HashKey& k = hash_key();
  SipState s{k.k0 ^ 0x736f6d6570736575u, k.k1 ^ 0x646f72616e646f6du, k.k0 ^ 0x6c7967656e657261u,
             k.k1 ^ 0x7465646279746573u};
  std::uint64_t last = std::uint64_t{key.size()} << 56;
  while (key.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, key.data(), 8);
    s.take(word);
    key.remove_prefix(8);
  }
  std::uint64_t rest = 0;
  std::memcpy(&rest, key.data(), key.size());
  s.take(last | rest);
  s.v2 ^= 0xff;
  for (int i = 0; i < 3; ++i) s.round();
  return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

std::uint32_t JsonDocument::Impl::slot_of(const JsonNode& object, std::string_view key) const noexcept {
  const std::size_t mask = slots_of(object) - 1;
  std::size_t slot = json_key_hash(key) & mask;
  while (index[object.extra + slot] != 0 && string(nodes[index[object.extra + slot]]) != key) slot = (slot + 1) & mask;
  return static_cast<std::uint32_t>(object.extra + slot);
}

std::uint32_t JsonDocument::Impl::insert(const JsonNode& object, std::uint32_t key) {
  std::uint32_t& slot = index[slot_of(object, string(nodes[key]))];
  if (slot != 0) return slot;
  slot = key;
  return JsonNode::kNone;
}

std::uint32_t JsonDocument::Impl::find(std::uint32_t object, std::string_view key) const noexcept {
  const JsonNode& node = nodes[object];
  if (node.has_extra) {
    const std::uint32_t found = index[slot_of(node, key)];
    return found == 0 ? JsonNode::kNone : found + 1;
  }
  std::uint32_t at = object + 1;
  for (std::uint32_t i = 0; i < node.count; ++i, at = nodes[at + 1].next) {
    if (string(nodes[at]) == key) return at + 1;
  }
  return JsonNode::kNone;
}

void JsonDocument::Impl::seal_array(std::uint32_t array) {
  JsonNode& node = nodes[array];
  const std::uint32_t stop = static_cast<std::uint32_t>(nodes.size());
  if (node.count <= kWalkLimit || stop - array - 1 == node.count) return;  // few, or one node each: found by counting
  node.extra = static_cast<std::uint32_t>(index.size());
  node.has_extra = true;
  for (std::uint32_t at = array + 1; at < stop; at = nodes[at].next) index.push_back(at);
}

}  // namespace leeward
