#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "host/app/environment.hpp"
#include "host/secret/secret_vault.hpp"

namespace leeward {

/// Reads what a reference to a secret stands for: `secret://env/NAME`, or `secret://file/PATH` for the one text of a
/// file. Each time anew, so a secret can be changed while the process runs; whatever was read, the vault knows before
/// the caller does. Thread-safe; `vault` must outlive it.
class SecretSource {
 public:
  SecretSource(Environment environment, SecretVault& vault) : environment_(std::move(environment)), vault_(vault) {}

  /// Codes secret.unset, secret.unreadable, config.secret_permissions (the message has the command that mends it), and
  /// those of SecretMasker::check. REQUIRES: is_reference().
  [[nodiscard]] Result<std::string> resolve(std::string_view reference) const;

  /// Of one of the two forms, with a name or a path.
  [[nodiscard]] static bool is_reference(std::string_view text) noexcept;
  /// The environment variable that it names; nothing if it names a file.
  [[nodiscard]] static std::optional<std::string> variable_of(std::string_view reference);

 private:
  [[nodiscard]] Result<std::string> read(const std::string& path) const;

  const Environment environment_;
  SecretVault& vault_;
};

}  // namespace leeward
