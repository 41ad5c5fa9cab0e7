/// Buf: one reference to an immutable value of the host's.
#pragma once

#include <new>
#include <string>
#include <string_view>
#include <utility>

#include <leeward/cpp/host.hpp>

LW_SDK_BEGIN

/// Copying it counts a reference, it never copies the bytes. Any thread may copy and destroy its own Buf.
class LW_SDK_TYPE Buf {
 public:
  Buf() = default;
  /// Takes over a reference that the caller was given.
  explicit Buf(const lw_buf* owned) noexcept : buffer_(owned) {}
  Buf(const Buf& other) noexcept : buffer_(other.buffer_) {
    if (buffer_) host().buf_retain(buffer_);
  }
  Buf(Buf&& other) noexcept : buffer_(std::exchange(other.buffer_, nullptr)) {}
  Buf& operator=(Buf other) noexcept {
    std::swap(buffer_, other.buffer_);
    return *this;
  }
  ~Buf() {
    if (buffer_) host().buf_release(buffer_);
  }

  /// A reference of one's own to a value that is only lent. Throws nothing.
  static Buf share(const lw_buf* lent) noexcept {
    if (lent) host().buf_retain(lent);
    return Buf(lent);
  }
  /// A new value with a copy of `bytes`. Throws std::bad_alloc.
  static Buf copy(std::string_view bytes) { return checked(host().buf_new(bytes.data(), bytes.size())); }
  /// A new value that keeps `bytes` itself: nothing is copied. Throws std::bad_alloc.
  static Buf adopt(std::string bytes) {
    auto* kept = new std::string(std::move(bytes));
    const lw_buf* made = host().buf_adopt(
        kept->data(), kept->size(), [](void* arg) { delete static_cast<std::string*>(arg); }, kept);
    if (!made) delete kept;
    return checked(made);
  }

  std::string_view view() const noexcept { return sdk::view(buffer_); }
  const lw_buf* get() const noexcept { return buffer_; }
  explicit operator bool() const noexcept { return buffer_ != nullptr; }

 private:
  static Buf checked(const lw_buf* made) {
    if (!made) throw std::bad_alloc();
    return Buf(made);
  }

  const lw_buf* buffer_ = nullptr;
};

LW_SDK_END
