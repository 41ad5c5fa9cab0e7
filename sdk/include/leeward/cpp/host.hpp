/// The ground of the C++ layer: borrowed text, and the host that this plugin lives in.
///
/// Nothing here is part of the binary interface. It is compiled into the plugin, by the plugin's own compiler and
/// standard library; the namespace is hidden, so that no other plugin's copy is ever merged with it.
#pragma once

#include <atomic>
#include <string_view>

#include <leeward/host.h>

/// Opens and closes namespace leeward::sdk, with version 1 of this layer inside and hidden.
///
/// What is hidden are functions and data. A type that authors keep in types of their own is marked LW_SDK_TYPE: theirs
/// are visible unless they compile with -fvisibility=hidden, and GCC warns of a visible type with a hidden member.
#define LW_SDK_BEGIN       \
  namespace leeward::sdk { \
  inline namespace v1 __attribute__((visibility("hidden"))) {
#define LW_SDK_END \
  }                \
  }
#define LW_SDK_TYPE __attribute__((visibility("default")))

LW_SDK_BEGIN

/// C++ text as the interface passes it. Borrowed: `text` must outlive the use.
inline lw_str lend(std::string_view text) noexcept { return {text.data(), text.size()}; }
/// The other way round; valid for as long as the interface says of `text`.
inline std::string_view view(lw_str text) noexcept { return {text.ptr, text.len}; }
inline std::string_view view(const lw_buf* buffer) noexcept {
  return buffer ? std::string_view(buffer->data, buffer->size) : std::string_view();
}

namespace detail {
inline std::atomic<const lw_host*> the_host{nullptr};
inline void remember(const lw_host* host) noexcept { the_host.store(host, std::memory_order_release); }
}  // namespace detail

/// The host. Set before the first constructor of an operator runs, valid for ever. Any thread.
inline const lw_host& host() noexcept { return *detail::the_host.load(std::memory_order_acquire); }

/// An optional service by its id, or nullptr where this host has none. Any thread.
///     if (auto* timer = extension<lw_timer>(LW_EXT_TIMER)) ...
template <class Table>
const Table* extension(const char* id) noexcept {
  return static_cast<const Table*>(host().get_extension(id));
}

/// A line in the host's own log, for what belongs to no task. Any thread. `fields_json`: a JSON object, or empty.
inline void log(int level, std::string_view component, std::string_view message,
                std::string_view fields_json = {}) noexcept {
  host().log(level, lend(component), lend(message), lend(fields_json));
}

LW_SDK_END
