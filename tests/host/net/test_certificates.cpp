#include "tests/host/net/test_certificates.hpp"

#include <cstdio>
#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace leeward::test {

namespace {

struct Free {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const noexcept { X509_free(certificate); }
  void operator()(X509_EXTENSION* extension) const noexcept { X509_EXTENSION_free(extension); }
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Certificate = std::unique_ptr<X509, Free>;

constexpr long kDay = 24L * 60 * 60;

Key new_key() { return Key(EVP_EC_gen("P-256")); }

void extend(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Free> extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1) throw std::runtime_error("no such extension");
}

// Everything but the extensions and the signature. An expired one began long before it ended.
Certificate draft(EVP_PKEY* key, const char* name, X509* issuer, int days_valid, long serial) {
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -30 * kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), days_valid * kDay);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer != nullptr ? issuer : certificate.get()));
  return certificate;
}

std::unique_ptr<std::FILE, Free> open_to_write(const std::string& path) {
  std::unique_ptr<std::FILE, Free> file(std::fopen(path.c_str(), "w"));
  if (!file) throw std::runtime_error("cannot write " + path);
  return file;
}

}  // namespace

struct TestAuthority::Impl {
  Key key = new_key();
  Certificate certificate = draft(key.get(), "Leeward test authority", nullptr, 2, 1);
  long last_serial = 1;
};

TestAuthority::TestAuthority() : impl_(std::make_unique<Impl>()) {
  X509* certificate = impl_->certificate.get();
  extend(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
  extend(certificate, certificate, NID_key_usage, "critical,keyCertSign");
  X509_sign(certificate, impl_->key.get(), EVP_sha256());
  PEM_write_X509(open_to_write(ca_file()).get(), certificate);
}

TestAuthority::~TestAuthority() = default;

std::string TestAuthority::ca_file() const { return (directory_ / "ca.pem").string(); }

TestAuthority::Files TestAuthority::issue(const Wanted& wanted) {
  const Key key = new_key();
  const long serial = ++impl_->last_serial;
  const Certificate certificate = draft(key.get(), "server", impl_->certificate.get(), wanted.days_valid, serial);
  extend(certificate.get(), impl_->certificate.get(), NID_subject_alt_name, wanted.names);
  X509_sign(certificate.get(), impl_->key.get(), EVP_sha256());
  const std::string stem = (directory_ / ("server" + std::to_string(serial))).string();
  PEM_write_X509(open_to_write(stem + ".pem").get(), certificate.get());
  PEM_write_PrivateKey(open_to_write(stem + ".key").get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return {stem + ".pem", stem + ".key"};
}

}  // namespace leeward::test
