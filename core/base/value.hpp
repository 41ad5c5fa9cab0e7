#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace leeward {

/// One JSON text: immutable, counted, never parsed on anybody's behalf. Copying copies a pointer. Thread-safe.
///
/// The bytes may belong to anyone (a string, a plugin's buffer): `owner` keeps them alive.
class Value {
 public:
  /// The JSON text `null`.
  Value() = default;
  /// REQUIRES: `json` is one valid JSON text.
  explicit Value(std::string json);
  /// REQUIRES: as above, and `json` stays valid and unchanged while `owner` lives.
  Value(std::shared_ptr<const void> owner, std::string_view json) : owner_(std::move(owner)), json_(json) {}

  [[nodiscard]] std::string_view json() const noexcept { return json_; }
  [[nodiscard]] bool is_null() const noexcept { return json_ == "null"; }

 private:
  std::shared_ptr<const void> owner_;
  std::string_view json_ = "null";
};

}  // namespace leeward
