#pragma once

#include <memory>
#include <string>

#include "tests/support/temp_dir.hpp"

namespace leeward::test {

/// A certificate authority for one test: it issues server certificates, right ones and wrong ones, into its own
/// directory.
class TestAuthority {
 public:
  struct Wanted {
    std::string names = "DNS:localhost,IP:127.0.0.1";  ///< subjectAltName, as OpenSSL writes it
    int days_valid = 1;                                ///< negative: expired so many days ago
  };
  struct Files {
    std::string certificate;
    std::string key;
  };

  TestAuthority();
  ~TestAuthority();

  [[nodiscard]] std::string ca_file() const;
  [[nodiscard]] Files issue(const Wanted& wanted);

 private:
  struct Impl;
  TempDir directory_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace leeward::test
