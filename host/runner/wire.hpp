#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "core/base/value.hpp"

namespace leeward {

/// Writes the body of a frame, field by field: numbers as they lie in memory (both ends are one program on one
/// machine), texts behind their length. What is read back in the same order is the same.
class WireWriter {
 public:
  template <class Number>
  WireWriter& number(Number value) {
    static_assert(std::is_arithmetic_v<Number> || std::is_enum_v<Number>);
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    out_.append(bytes, sizeof value);
    return *this;
  }
  WireWriter& text(std::string_view text) {
    number(static_cast<std::uint64_t>(text.size()));
    out_.append(text);
    return *this;
  }
  WireWriter& truth(bool value) { return number(static_cast<std::uint8_t>(value ? 1 : 0)); }
  WireWriter& value(const Value& value) { return text(value.json()); }
  /// Whether there is one, then the thing itself by `write(*this, *thing)`.
  template <class Thing, class Write>
  WireWriter& maybe(const Thing& thing, Write write) {
    truth(static_cast<bool>(thing));
    if (thing) write(*this, *thing);
    return *this;
  }
  /// How many, then each by `write(*this, one)`.
  template <class List, class Write>
  WireWriter& list(const List& list, Write write) {
    number(static_cast<std::uint32_t>(list.size()));
    for (const auto& one : list) write(*this, one);
    return *this;
  }

  [[nodiscard]] std::size_t size() const noexcept { return out_.size(); }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

/// Reads a body that a stranger may have written: whatever does not fit makes all that follows empty, and ok() false.
/// Nothing is trusted beyond its length: what a text or a value has to be is the caller's to check.
class WireReader {
 public:
  /// `owner` keeps the bytes alive, also behind the values that are read.
  WireReader(std::shared_ptr<const std::string> owner) : owner_(std::move(owner)), left_(*owner_) {}

  /// Of the whole body.
  [[nodiscard]] std::size_t size() const noexcept { return owner_->size(); }
  /// False once something did not fit.
  [[nodiscard]] bool ok() const noexcept { return ok_; }
  /// True if everything fitted, and nothing is left.
  [[nodiscard]] bool done() const noexcept { return ok_ && left_.empty(); }
  void fail() noexcept {
    ok_ = false;
    left_ = {};
  }

  template <class Number>
  [[nodiscard]] Number number() {
    static_assert(std::is_arithmetic_v<Number>);
    Number value{};
    const std::string_view bytes = take(sizeof value);
    if (bytes.size() == sizeof value) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  /// One of an enumeration's values, which are 0 to `last`.
  template <class Enum>
  [[nodiscard]] Enum one_of(Enum last) {
    const auto value = number<std::underlying_type_t<Enum>>();
    if (value >= 0 && value <= static_cast<std::underlying_type_t<Enum>>(last)) return static_cast<Enum>(value);
    fail();
    return Enum{};
  }
  [[nodiscard]] bool truth() {
    const auto value = number<std::uint8_t>();
    if (value > 1) fail();
    return value == 1;
  }
  /// Valid while the owner lives.
  [[nodiscard]] std::string_view text() {
    const auto size = number<std::uint64_t>();
    return take(size);
  }
  [[nodiscard]] std::string string() { return std::string{text()}; }
  /// Any bytes, as a value that keeps the frame alive: `null` if nothing was left. The caller checks that it is JSON.
  [[nodiscard]] Value value() {
    const std::string_view json = text();
    return ok_ ? Value{owner_, json} : Value{};
  }
  template <class Read>
  auto maybe(Read read) -> std::optional<decltype(read(*this))> {
    if (!truth()) return std::nullopt;
    return read(*this);
  }
  /// Calls `read(*this)` as often as the list is long, while things fit. Longer than `most`: nothing fits any more.
  template <class Read>
  void list(std::uint32_t most, Read read) {
    const auto count = number<std::uint32_t>();
    if (count > most) return fail();
    for (std::uint32_t i = 0; i < count && ok_; ++i) read(*this);
  }

 private:
  std::string_view take(std::uint64_t size) {
    if (!ok_ || size > left_.size()) {
      fail();
      return {};
    }
    const std::string_view taken = left_.substr(0, size);
    left_.remove_prefix(size);
    return taken;
  }

  std::shared_ptr<const std::string> owner_;
  std::string_view left_;
  bool ok_ = true;
};

}  // namespace leeward
