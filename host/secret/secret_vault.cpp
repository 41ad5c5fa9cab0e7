#include "host/secret/secret_vault.hpp"

#include <vector>

namespace leeward {

Status SecretVault::add(std::string_view secret) {
  if (Status fits = SecretMasker::check(secret); !fits) return fits;
  const std::lock_guard lock{mutex_};
  if (!secrets_.emplace(secret).second) return done();
  masker_ = std::make_shared<const SecretMasker>(std::vector<std::string>{secrets_.begin(), secrets_.end()});
  return done();
}

std::shared_ptr<const SecretMasker> SecretVault::masker() const {
  const std::lock_guard lock{mutex_};
  return masker_;
}

}  // namespace leeward
