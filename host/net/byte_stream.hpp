#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace leeward {

/// How one non-blocking operation ended.
struct StreamResult {
  enum class Kind {
    kOk,
    kWantRead,   ///< again when the socket is readable
    kWantWrite,  ///< again when the socket is writable
    kEnd,        ///< the peer said in order that nothing more comes
    kCut,        ///< TLS only: the connection ended without the peer having said so
    kReset,      ///< the connection is gone
    kFailed,     ///< TLS only: see failure()
  };
  Kind kind = Kind::kOk;
  std::size_t bytes = 0;  ///< of kOk
};

/// Bytes over a connected, non-blocking socket that someone else owns; plain here, over TLS in TlsStream. Loop-only.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  /// Until kOk; a plain stream needs none.
  virtual StreamResult handshake() = 0;
  /// REQUIRES: the buffer holds a whole TLS record (16 KiB), so that nothing is left where no poll sees it.
  virtual StreamResult read(std::span<char> buffer) = 0;
  virtual StreamResult write(std::string_view bytes) = 0;
  /// Tells the peer that nothing more comes, as far as that goes without waiting.
  virtual void end() noexcept = 0;
  /// For people: why the last operation ended in kFailed or kReset.
  [[nodiscard]] virtual std::string failure() const = 0;
};

[[nodiscard]] std::unique_ptr<ByteStream> make_plain_stream(int descriptor);

}  // namespace leeward
