#include "host/app/known_secrets.hpp"

#include <cstdlib>
#include <cstring>

namespace leeward {

KnownSecrets::KnownSecrets(const Config& config, const Environment& environment) {
  const auto note = [this](const std::string& text) {
    if (!SecretSource::is_reference(text)) return literals_.push_back(text);
    references_.push_back(text);
    if (auto variable = SecretSource::variable_of(text)) variables_.push_back(*std::move(variable));
  };
  for (const auto& [name, secret] : config.secrets) note(secret.from);
  for (const auto& [name, connection] : config.connections) note(connection.api_key);
  if (lookup(environment, kUsualKeyVariable)) note("secret://env/" + std::string{kUsualKeyVariable});
}

void KnownSecrets::tell(const SecretSource& source, SecretVault& vault) const {
  for (const std::string& reference : references_) static_cast<void>(source.resolve(reference));
  for (const std::string& literal : literals_) static_cast<void>(vault.add(literal));
}

void take_out_of_environment(const std::vector<std::string>& variables) {
  for (const std::string& name : variables) {
    // The kernel shows the place where the value was when the process started: /proc/PID/environ.
    if (char* const value = std::getenv(name.c_str())) ::explicit_bzero(value, std::strlen(value));
    ::unsetenv(name.c_str());
  }
}

}  // namespace leeward
