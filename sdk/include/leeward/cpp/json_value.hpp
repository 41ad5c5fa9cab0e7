/// Between C++ types and JSON text: what Task::param<T>() and Task::result() can carry.
///
/// std::string, bool, numbers, and std::vector, std::optional, std::map<std::string, …> of these. With LW_WITH_NLOHMANN
/// defined before the include, also nlohmann::json and every type it can convert; that costs seconds of compile time,
/// so it is a choice. A type of your own: specialise JsonValue.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <leeward/cpp/json_walk.hpp>

#ifdef LW_WITH_NLOHMANN
#include <nlohmann/json.hpp>
#endif

LW_SDK_BEGIN

#ifdef LW_WITH_NLOHMANN
namespace detail {

inline constexpr std::size_t kDepthLimit = 256;

/// Is the text nested deeper than a recursive walk over the parsed value should go?
inline bool too_deep(std::string_view json) noexcept {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string && c == '\\') ++i;
    if (c == '"') in_string = !in_string;
    if (in_string) continue;
    if ((c == '[' || c == '{') && ++depth > kDepthLimit) return true;
    if ((c == ']' || c == '}') && depth > 0) --depth;
  }
  return false;
}

}  // namespace detail

/// Parses with nlohmann, also what a stranger sent: at most 256 levels deep. Throws Error(LW_FAIL, "bad_value").
inline nlohmann::json parse_json(std::string_view json) {
  if (detail::too_deep(json)) detail::expected("at most 256 levels of nesting", json);
  auto parsed = nlohmann::json::parse(json, nullptr, false);
  if (parsed.is_discarded()) detail::expected("JSON", json);
  return parsed;
}
/// Writes what nlohmann holds; bytes that are not UTF-8 become U+FFFD.
inline std::string dump_json(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}
#endif

/// How a type is read from JSON text and written as such: `static T read(std::string_view)`, which throws Error, and
/// `static std::string write(const T&)`.
template <class T, class = void>
struct JsonValue {
#ifdef LW_WITH_NLOHMANN
  static T read(std::string_view json) {
    try {
      return parse_json(json).get<T>();
    } catch (const nlohmann::json::exception& error) {
      throw fail("bad_value", error.what());
    }
  }
  static std::string write(const T& value) { return dump_json(nlohmann::json(value)); }
#else
  static_assert(sizeof(T) == 0, "define LW_WITH_NLOHMANN before the include, or specialise leeward::sdk::JsonValue");
#endif
};

namespace detail {
template <class T>
inline constexpr bool is_text = std::is_same_v<T, std::string> || std::is_same_v<T, std::string_view> ||
                                std::is_same_v<std::decay_t<T>, char*> || std::is_same_v<std::decay_t<T>, const char*>;
}  // namespace detail

/// Reads a value of type T. Throws Error(LW_FAIL, "bad_value").
template <class T>
T read_json(std::string_view json) {
  return JsonValue<T>::read(detail::trimmed(json));
}
/// Writes a value as JSON text.
template <class T>
std::string write_json(const T& value) {
  if constexpr (detail::is_text<std::remove_const_t<T>>) {
    return quote(value);
  } else {
    return JsonValue<T>::write(value);
  }
}

template <>
struct JsonValue<std::string> {
  static std::string read(std::string_view json) { return unquote(json); }
  static std::string write(const std::string& value) { return quote(value); }
};

template <>
struct JsonValue<bool> {
  static bool read(std::string_view json) {
    if (json != "true" && json != "false") detail::expected("true or false", json);
    return json == "true";
  }
  static std::string write(bool value) { return value ? "true" : "false"; }
};

template <>
struct JsonValue<std::nullptr_t> {
  static std::nullptr_t read(std::string_view json) {
    if (json != "null") detail::expected("null", json);
    return nullptr;
  }
  static std::string write(std::nullptr_t) { return "null"; }
};

template <class T>
struct JsonValue<T, std::enable_if_t<std::is_arithmetic_v<T>>> {
  static T read(std::string_view json) {
    if constexpr (std::is_floating_point_v<T>) {
      return static_cast<T>(detail::parse_double(json));
    } else {
      return detail::parse_integer<T>(json);
    }
  }
  static std::string write(T value) { return number_text(value); }
};

template <class T>
struct JsonValue<std::optional<T>> {
  static std::optional<T> read(std::string_view json) {
    return json == "null" ? std::nullopt : std::optional<T>(read_json<T>(json));
  }
  static std::string write(const std::optional<T>& value) { return value ? write_json(*value) : "null"; }
};

template <class T>
struct JsonValue<std::vector<T>> {
  static std::vector<T> read(std::string_view json) {
    std::vector<T> out;
    for (const std::string_view element : elements(json)) out.push_back(read_json<T>(element));
    return out;
  }
  static std::string write(const std::vector<T>& values) {
    std::string out = "[";
    for (const auto& value : values) out += (out.size() > 1 ? "," : "") + write_json<T>(value);
    return out += ']';
  }
};

template <class T>
struct JsonValue<std::map<std::string, T>> {
  static std::map<std::string, T> read(std::string_view json) {
    std::map<std::string, T> out;
    for (const auto& [name, value] : members(json)) out.insert_or_assign(name, read_json<T>(value));
    return out;
  }
  static std::string write(const std::map<std::string, T>& values) {
    std::string out = "{";
    for (const auto& [name, value] : values)
      out += (out.size() > 1 ? "," : "") + quote(name) + ":" + write_json<T>(value);
    return out += '}';
  }
};

/// A JSON object in the making, for details, log fields and the bodies of requests:
///     JsonObject().add("model", model).add_json("messages", messages).text()
class LW_SDK_TYPE JsonObject {
 public:
  template <class T>
  JsonObject& add(std::string_view name, const T& value) {
    return add_json(name, write_json(value));
  }
  /// REQUIRES: `json` is one JSON value.
  JsonObject& add_json(std::string_view name, std::string_view json) {
    if (text_.size() > 1) text_ += ',';
    text_ += quote(name), text_ += ':', text_ += json;
    return *this;
  }
  std::string text() const { return text_ + '}'; }

 private:
  std::string text_ = "{";
};

LW_SDK_END
