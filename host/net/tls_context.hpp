#pragma once

#include <memory>
#include <string>

#include "core/base/result.hpp"
#include "host/net/byte_stream.hpp"

namespace leeward {

/// What the TLS connections of one client or server share: roots or certificate, versions, modes. Thread-safe once
/// made.
///
/// The client's rules cannot be weakened: the chain is verified against the system's roots (and `ca_file`), the name or
/// address against the certificate, and TLS is 1.2 or later. This header is one of the two doors to OpenSSL; the
/// streams it makes write with MSG_NOSIGNAL, so that a peer that went away never ends the process.
class TlsContext {
 public:
  [[nodiscard]] static Result<std::unique_ptr<TlsContext>> for_client(const std::string& ca_file);
  [[nodiscard]] static Result<std::unique_ptr<TlsContext>> for_server(const std::string& certificate_file,
                                                                      const std::string& key_file);
  ~TlsContext();

  /// `host` is a name or a numeric address, as in the URL without brackets. The context must outlive the stream.
  [[nodiscard]] std::unique_ptr<ByteStream> connect(int descriptor, const std::string& host);
  [[nodiscard]] std::unique_ptr<ByteStream> accept(int descriptor);

 private:
  struct Impl;
  explicit TlsContext(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace leeward
