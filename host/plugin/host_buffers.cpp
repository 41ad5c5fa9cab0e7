#include "host/plugin/host_buffers.hpp"

#include <atomic>
#include <cstdint>
#include <new>
#include <utility>

#include "core/base/assert.hpp"

namespace leeward {
namespace {

/// The part of a buffer that plugins do not see.
struct HostBuffer : lw_buf {
  std::atomic<std::uint32_t> references{1};
  Value value;  ///< keeps the bytes alive
};

HostBuffer& behind(const lw_buf* buffer) { return *const_cast<HostBuffer*>(static_cast<const HostBuffer*>(buffer)); }

}  // namespace

const lw_buf* buffer_of(Value value) {
  auto buffer = std::make_unique<HostBuffer>();
  buffer->data = value.json().data();
  buffer->size = value.json().size();
  buffer->value = std::move(value);
  return buffer.release();
}

Value value_of(const lw_buf* buffer) {
  // The bytes' owner is the buffer's own, so that the buffer itself may go.
  return behind(buffer).value;
}

const lw_buf* buffer_new(const char* data, std::size_t size) noexcept {
  try {
    auto text = std::make_shared<const std::string>(data == nullptr ? std::string{} : std::string{data, size});
    const std::string_view view = *text;
    return buffer_of(Value{std::move(text), view});
  } catch (const std::bad_alloc&) {
    return nullptr;
  } catch (const std::length_error&) {
    return nullptr;
  }
}

const lw_buf* buffer_adopt(const char* data, std::size_t size, void (*free_fn)(void*), void* arg) noexcept {
  try {
    std::shared_ptr<const void> owner{data, [free_fn, arg](const void*) {
                                        if (free_fn != nullptr) free_fn(arg);
                                      }};
    return buffer_of(Value{std::move(owner), std::string_view{data, data == nullptr ? 0 : size}});
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void buffer_retain(const lw_buf* buffer) noexcept {
  if (buffer != nullptr) behind(buffer).references.fetch_add(1, std::memory_order_relaxed);
}

void buffer_release(const lw_buf* buffer) noexcept {
  if (buffer == nullptr) return;
  const std::uint32_t before = behind(buffer).references.fetch_sub(1, std::memory_order_acq_rel);
  LW_ASSERT(before > 0, "a plugin released a buffer that it did not own");
  if (before == 1) std::unique_ptr<HostBuffer>{&behind(buffer)}.reset();
}

}  // namespace leeward
