#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <leeward/abi.h>

#include "core/base/value.hpp"

namespace leeward {

/// Values as the C interface sees them: lw_buf with a reference count behind it. Thread-safe.

/// A buffer with one reference, over the same bytes as the value.
[[nodiscard]] const lw_buf* buffer_of(Value value);
/// The buffer's bytes as a Value, which keeps a reference of its own. REQUIRES: they are one valid JSON text.
[[nodiscard]] Value value_of(const lw_buf* buffer);

/// The functions of lw_host, with their contracts.
const lw_buf* buffer_new(const char* data, std::size_t size) noexcept;
const lw_buf* buffer_adopt(const char* data, std::size_t size, void (*free_fn)(void*), void* arg) noexcept;
void buffer_retain(const lw_buf* buffer) noexcept;
void buffer_release(const lw_buf* buffer) noexcept;

struct BufferRelease {
  void operator()(const lw_buf* buffer) const noexcept { buffer_release(buffer); }
};
/// One reference, given back at the end.
using BufferRef = std::unique_ptr<const lw_buf, BufferRelease>;

/// Lent text, whatever a stranger put into it: a null pointer or an absurd length is empty text.
[[nodiscard]] inline std::string_view text_of(lw_str text) noexcept {
  return text.ptr == nullptr || text.len > (std::size_t{1} << 48) ? std::string_view{}
                                                                  : std::string_view{text.ptr, text.len};
}
[[nodiscard]] inline lw_str lend(std::string_view text) noexcept { return {text.data(), text.size()}; }

}  // namespace leeward
