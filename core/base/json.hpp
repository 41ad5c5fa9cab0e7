#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/utf8.hpp"
#include "core/base/value.hpp"

namespace leeward {

/// What a text may cost before it is refused. The library behind it has none of these limits: its defaults take
/// duplicate keys and bad UTF-8, and deep nesting overflows its stack (research of 2026: 200,000 levels crash it).
struct JsonLimits {
  std::size_t max_bytes = 16u << 20;
  std::size_t max_string_bytes = 16u << 20;
  int max_depth = 256;
};

enum class JsonKind : std::uint8_t { null, boolean, integer, number, string, array, object };
[[nodiscard]] std::string_view to_string(JsonKind kind) noexcept;  ///< "an object", "a string", ...: for messages

struct JsonPosition {
  std::size_t offset = 0;  ///< bytes
  int line = 1;
  int column = 1;  ///< characters
};

class JsonDocument;

/// A place in a JsonDocument: two words, free to copy, valid while the document lives. Default-constructed it is
/// absent: `exists()` is false, `kind()` is null, look-ups stay absent.
class Json {
 public:
  Json() = default;

  [[nodiscard]] bool exists() const noexcept { return document_ != nullptr; }
  explicit operator bool() const noexcept { return exists(); }
  [[nodiscard]] JsonKind kind() const noexcept;
  [[nodiscard]] bool is(JsonKind k) const noexcept { return exists() && kind() == k; }
  [[nodiscard]] bool is_null() const noexcept { return is(JsonKind::null); }
  [[nodiscard]] bool is_string() const noexcept { return is(JsonKind::string); }
  [[nodiscard]] bool is_object() const noexcept { return is(JsonKind::object); }
  [[nodiscard]] bool is_array() const noexcept { return is(JsonKind::array); }
  [[nodiscard]] bool is_boolean() const noexcept { return is(JsonKind::boolean); }
  [[nodiscard]] bool is_integer() const noexcept { return is(JsonKind::integer); }
  /// Integer or not.
  [[nodiscard]] bool is_number() const noexcept { return is(JsonKind::integer) || is(JsonKind::number); }

  /// REQUIRES of the following: the matching kind (`integer()`: any number).
  [[nodiscard]] bool boolean() const;
  [[nodiscard]] double number() const;                        ///< also of an integer
  [[nodiscard]] std::optional<std::int64_t> integer() const;  ///< also 2.0; nothing if not whole or does not fit
  [[nodiscard]] std::string_view string() const;              ///< decoded, UTF-8, may hold NUL

  /// Elements of an array, members of an object, else 0.
  [[nodiscard]] std::size_t size() const noexcept;
  /// Absent if there is none. O(1) for arrays; objects linear when small, hashed when large.
  [[nodiscard]] Json at(std::size_t index) const noexcept;
  [[nodiscard]] Json operator[](std::string_view key) const noexcept;
  /// REQUIRES: this is a member's value. Its key, decoded.
  [[nodiscard]] std::string_view key() const noexcept;
  /// The key as a string of its own, with its place. REQUIRES: this is a member's value.
  [[nodiscard]] Json key_string() const noexcept;
  /// The member's key itself as a place, for mistakes about the key. REQUIRES: this is a member's value.
  [[nodiscard]] JsonPosition key_position() const;

  class Iterator;
  /// Over elements, or over members (`.key()` tells the name).
  [[nodiscard]] Iterator begin() const noexcept;
  [[nodiscard]] Iterator end() const noexcept;

  /// The bytes as they stand in the text.
  [[nodiscard]] std::string_view text() const noexcept;
  /// The same as a Value that keeps the whole document alive.
  [[nodiscard]] Value value() const;
  [[nodiscard]] JsonPosition position() const;
  [[nodiscard]] std::string pointer() const;  ///< RFC 6901
  /// File, pointer, line and column, for an Error.
  [[nodiscard]] Where where() const;

  /// Deep equality as JSON Schema means it: 1 equals 1.0, members in any order.
  friend bool operator==(const Json& a, const Json& b) noexcept;

 private:
  friend class JsonDocument;
  Json(const JsonDocument* document, std::uint32_t node) : document_(document), node_(node) {}
  const JsonDocument* document_ = nullptr;
  std::uint32_t node_ = 0;
};

/// A parsed JSON text, immutable and thread-safe. Flat inside (one array of nodes in text order), so that neither
/// parsing nor destroying it recurses.
class JsonDocument : public std::enable_shared_from_this<JsonDocument> {
 public:
  /// Refuses, with the position: bad syntax, duplicate keys, invalid UTF-8, lone surrogates, a byte-order mark, numbers
  /// that would lose precision or overflow, anything after the value, anything past `limits`.
  /// Codes: json.syntax json.duplicate_key json.utf8 json.number json.depth json.too_large json.string_too_long
  /// json.empty json.trailing json.bom. `file` is only copied into errors.
  ///
  /// Numbers: one without fraction and exponent must fit 64 bits, signed or unsigned, so that none is ever rounded; any
  /// other must be finite as a double and not vanish to zero, and is read as the nearest one. The text itself is kept
  /// as it was written.
  [[nodiscard]] static Result<std::shared_ptr<const JsonDocument>> parse(std::string text, std::string file = {},
                                                                         const JsonLimits& limits = {});
  /// The same, but a duplicate key, a number out of range, a string over the limit and a subtree nested too deeply
  /// (which is left out) are added to `errors` and parsing goes on, so that one call tells them all. Null if the syntax
  /// itself is broken (then the last of `errors` says where), or 10,000 mistakes were told.
  [[nodiscard]] static std::shared_ptr<const JsonDocument> parse_all(std::string text, std::string file,
                                                                     const JsonLimits& limits, Errors& errors);
  /// REQUIRES: `value` holds JSON; asserts it. No copy of the text, no limits: whoever made the value has checked it.
  [[nodiscard]] static std::shared_ptr<const JsonDocument> of(const Value& value);

  ~JsonDocument();
  [[nodiscard]] Json root() const noexcept;

  struct Impl;  // json_document.hpp, private to core/base

 private:
  friend class Json;
  friend class Json::Iterator;
  explicit JsonDocument(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

class Json::Iterator {
 public:
  using value_type = Json;
  using difference_type = std::ptrdiff_t;
  using iterator_category = std::forward_iterator_tag;
  using pointer = const Json*;
  using reference = Json;
  Iterator() = default;
  Json operator*() const noexcept { return at_; }
  Iterator& operator++() noexcept;
  Iterator operator++(int) noexcept {
    Iterator old = *this;
    ++*this;
    return old;
  }
  friend bool operator==(const Iterator& a, const Iterator& b) noexcept { return a.left_ == b.left_; }

 private:
  friend class Json;
  Json at_;
  std::size_t left_ = 0;
};

/// -1, 0 or 1: numbers by size, exactly; texts by code point (which for UTF-8 is by byte). Nothing for any other pair.
[[nodiscard]] std::optional<int> json_order(const Json& a, const Json& b);

/// Equal values have equal hashes; it looks one level down only.
[[nodiscard]] std::size_t json_hash(const Json& value);

/// True if `text` is one valid JSON text within `limits` (the same rules as parse).
[[nodiscard]] bool is_json(std::string_view text, const JsonLimits& limits = {});
/// Writes JSON text piece by piece, commas and colons by itself. Invalid UTF-8 in a string becomes U+FFFD.
class JsonWriter {
 public:
  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);
  JsonWriter& string(std::string_view text);
  JsonWriter& integer(std::int64_t number);
  JsonWriter& number(double number);  ///< shortest form that reads back the same; not finite: null
  JsonWriter& boolean(bool truth);
  JsonWriter& null();
  /// REQUIRES: one valid JSON text, copied as it is.
  JsonWriter& raw(std::string_view json);
  JsonWriter& member(std::string_view name, std::string_view text) { return key(name).string(text); }
  JsonWriter& member(std::string_view name, std::int64_t number) { return key(name).integer(number); }

  [[nodiscard]] const std::string& text() const noexcept { return out_; }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void separate();
  std::string out_;
  bool comma_ = false;
};

/// `text` as a JSON string, quotes included.
[[nodiscard]] std::string json_quote(std::string_view text);

/// The same for messages: cut after `max_bytes`, so that nobody's megabyte lands in a log.
[[nodiscard]] std::string json_excerpt(std::string_view text, std::size_t max_bytes = 60);

/// The text laid out over lines for people, two spaces a level. REQUIRES: valid JSON.
[[nodiscard]] std::string json_pretty(std::string_view json);

}  // namespace leeward
