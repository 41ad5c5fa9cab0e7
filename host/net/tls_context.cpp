#include "host/net/tls_context.hpp"

#include <array>
#include <cerrno>
#include <system_error>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include "host/net/url.hpp"

namespace leeward {

namespace {

using Kind = StreamResult::Kind;

struct ContextFree {
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};
struct SessionFree {
  void operator()(SSL* session) const noexcept { SSL_free(session); }
};

// Why OpenSSL's last call on this thread failed, in its own words; empties its queue.
std::string take_openssl_error() {
  std::string text;
  while (const unsigned long code = ERR_get_error()) {
    const char* reason = ERR_reason_error_string(code);
    if (text.empty()) text = reason != nullptr ? reason : "unknown TLS failure";
  }
  return text.empty() ? "unknown TLS failure" : text;
}

// OpenSSL's own socket BIO uses write(), which raises SIGPIPE when the peer is gone.
int socket_write(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t sent = ::send(static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))), bytes,
                              static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

int socket_read(BIO* bio, char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t got = ::recv(static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))), bytes,
                             static_cast<std::size_t>(size), 0);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) BIO_set_retry_read(bio);
  if (got == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return static_cast<int>(got);
}

long socket_control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return 0;
}

const BIO_METHOD* socket_method() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "leeward socket");
    LW_ASSERT(made != nullptr, "OpenSSL has a free BIO type");
    BIO_meth_set_write(made, socket_write);
    BIO_meth_set_read(made, socket_read);
    BIO_meth_set_ctrl(made, socket_control);
    return made;
  }();
  return method;
}

class TlsStream final : public ByteStream {
 public:
  explicit TlsStream(SSL* session) : session_(session) {}

  StreamResult handshake() override { return done(SSL_do_handshake(session_.get()), 0); }

  StreamResult read(std::span<char> buffer) override {
    std::size_t got = 0;
    const int success = SSL_read_ex(session_.get(), buffer.data(), buffer.size(), &got);
    return done(success, got);
  }

  StreamResult write(std::string_view bytes) override {
    std::size_t sent = 0;
    const int success = SSL_write_ex(session_.get(), bytes.data(), bytes.size(), &sent);
    return done(success, sent);
  }

  void end() noexcept override {
    if (SSL_is_init_finished(session_.get()) != 0) SSL_shutdown(session_.get());
    ERR_clear_error();
  }

  [[nodiscard]] std::string failure() const override { return failure_; }

 private:
  // Every call above ends here: OpenSSL keeps its errors in a queue of the thread, which must be empty before the next
  // call.
  StreamResult done(int success, std::size_t bytes) {
    if (success > 0) return {Kind::kOk, bytes};
    const int socket_error = errno;
    switch (SSL_get_error(session_.get(), success)) {
      case SSL_ERROR_WANT_READ: return {Kind::kWantRead};
      case SSL_ERROR_WANT_WRITE: return {Kind::kWantWrite};
      case SSL_ERROR_ZERO_RETURN: return {Kind::kEnd};
      case SSL_ERROR_SYSCALL:
        failure_ = std::generic_category().message(socket_error);
        ERR_clear_error();
        return {Kind::kReset};
      default: break;
    }
    if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
      failure_ = take_openssl_error();
      return {Kind::kCut};
    }
    failure_ = take_openssl_error();
    if (const long verdict = SSL_get_verify_result(session_.get()); verdict != X509_V_OK) {
      failure_ = std::string("the server's certificate is not trusted: ") + X509_verify_cert_error_string(verdict);
    }
    return {Kind::kFailed};
  }

  std::unique_ptr<SSL, SessionFree> session_;
  std::string failure_;
};

}  // namespace

struct TlsContext::Impl {
  std::unique_ptr<SSL_CTX, ContextFree> context;

  explicit Impl(const SSL_METHOD* method) : context(SSL_CTX_new(method)) {
    LW_ASSERT(context != nullptr, "OpenSSL makes a context");
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    // A connection that waits for its answer gives its buffers back: 24 KB instead of 58.
    SSL_CTX_set_mode(context.get(),
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  }

  std::unique_ptr<SSL, SessionFree> session(int descriptor) const {
    std::unique_ptr<SSL, SessionFree> made(SSL_new(context.get()));
    LW_ASSERT(made != nullptr, "OpenSSL makes a session");
    BIO* bio = BIO_new(socket_method());
    LW_ASSERT(bio != nullptr, "OpenSSL makes a BIO");
    BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(descriptor)));
    BIO_set_init(bio, 1);
    SSL_set_bio(made.get(), bio, bio);
    return made;
  }
};

TlsContext::TlsContext(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsContext::~TlsContext() = default;

Result<std::unique_ptr<TlsContext>> TlsContext::for_client(const std::string& ca_file) {
  auto impl = std::make_unique<Impl>(TLS_client_method());
  SSL_CTX* context = impl->context.get();
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_default_verify_paths(context);  // a machine without roots is found out at the first handshake
  ERR_clear_error();
  if (!ca_file.empty() && SSL_CTX_load_verify_file(context, ca_file.c_str()) != 1) {
    return Error{"http.tls", "cannot read certificates from " + ca_file + ": " + take_openssl_error()};
  }
  constexpr std::array<unsigned char, 9> kProtocols{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_CTX_set_alpn_protos(context, kProtocols.data(), kProtocols.size());
  return std::unique_ptr<TlsContext>(new TlsContext(std::move(impl)));
}

Result<std::unique_ptr<TlsContext>> TlsContext::for_server(const std::string& certificate_file,
                                                           const std::string& key_file) {
  auto impl = std::make_unique<Impl>(TLS_server_method());
  SSL_CTX* context = impl->context.get();
  if (SSL_CTX_use_certificate_chain_file(context, certificate_file.c_str()) != 1) {
    return Error{"http.tls", "cannot read a certificate from " + certificate_file + ": " + take_openssl_error()};
  }
  if (SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return Error{"http.tls", "cannot read a private key from " + key_file + ": " + take_openssl_error()};
  }
  return std::unique_ptr<TlsContext>(new TlsContext(std::move(impl)));
}

std::unique_ptr<ByteStream> TlsContext::connect(int descriptor, const std::string& host) {
  auto session = impl_->session(descriptor);
  X509_VERIFY_PARAM* rules = SSL_get0_param(session.get());
  if (is_ip_address(host)) {
    LW_ASSERT(X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) == 1, "the address was parsed before");
  } else {
    X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    LW_ASSERT(SSL_set1_host(session.get(), host.c_str()) == 1, "a host name without NUL can be set");
    LW_ASSERT(SSL_set_tlsext_host_name(session.get(), host.c_str()) == 1, "a host name below 256 bytes can be set");
  }
  SSL_set_connect_state(session.get());
  return std::make_unique<TlsStream>(session.release());
}

std::unique_ptr<ByteStream> TlsContext::accept(int descriptor) {
  auto session = impl_->session(descriptor);
  SSL_set_accept_state(session.get());
  return std::make_unique<TlsStream>(session.release());
}

}  // namespace leeward
