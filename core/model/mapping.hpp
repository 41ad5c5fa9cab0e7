#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/ids.hpp"
#include "core/model/template.hpp"

namespace leeward {

/// A name that templates read, and who may have published it: ancestors only, the latest in topological order first.
/// Empty for a name that the engine itself provides (params, ds, an expand key ...).
struct ContextRead {
  std::string name;
  std::vector<TaskIndex> producers;
};

/// Where the items of a mapping come from.
struct ItemSource {
  enum class Kind : std::uint8_t {
    value,   ///< `value` renders to a list, or to an object, whose members become {"key": ..., "value": ...}
    zip,     ///< items are lists, one item of each part; the shortest part ends it, unless there is a `fill`
    concat,  ///< the items of the parts, one part after the other
  };
  Kind kind = Kind::value;
  ValueTemplate value;
  std::vector<ItemSource> parts;
  std::optional<Value> fill;  ///< stands for the items that a shorter part of a zip lacks
};

/// Airflow's dynamic task mapping: what a task, or a group of tasks, is repeated over. Immutable.
struct Mapping {
  static constexpr std::uint32_t kMaxInstances = 1'000'000;
  struct Key {
    std::string name;  ///< that templates use for the item
    ItemSource items;
  };
  std::vector<Key> keys;             ///< their product, the last key fastest
  std::optional<ItemSource> kwargs;  ///< a list of objects, merged into `with`; then there are no keys
  std::uint32_t max_length = kMaxInstances;
  std::vector<ContextRead> reads;  ///< by its sources, of what others publish: empty if they need nobody
};

}  // namespace leeward
