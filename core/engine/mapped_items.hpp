#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/json.hpp"
#include "core/model/mapping.hpp"

namespace leeward {

/// What a task or group is repeated over, with its lists rendered: which items each instance gets. Immutable.
class MappedItems {
 public:
  using Named = std::vector<std::pair<std::string_view, Json>>;

  /// Renders the lists. Codes: template.*, expand.type (not a list or object; an expand_kwargs item that is no object),
  /// expand.too_large (more instances than mapping.max_length, or lists of more than kMaxRenderedBytes together), found
  /// out before much memory is spent. `mapping` must outlive the items.
  [[nodiscard]] static Result<std::shared_ptr<const MappedItems>> render(const Mapping& mapping, const Scope& scope);

  /// How many instances.
  [[nodiscard]] std::uint32_t size() const noexcept { return size_; }
  /// The items of one instance, by the names that templates use. Views into this.
  [[nodiscard]] Named items_of(std::int32_t map_index) const;
  /// What expand_kwargs gives the instance, an object; absent without it.
  [[nodiscard]] Json kwargs_of(std::int32_t map_index) const;

 private:
  explicit MappedItems(const Mapping& mapping) : mapping_(mapping) {}

  const Mapping& mapping_;
  std::vector<std::shared_ptr<const JsonDocument>> lists_;  ///< arrays: one for each key, or the one of the kwargs
  std::uint32_t size_ = 0;
};

}  // namespace leeward
