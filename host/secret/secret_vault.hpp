#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "host/secret/secret_masker.hpp"

namespace leeward {

/// Every secret value that this process has ever resolved, so that whatever is shown or recorded can be rid of them. A
/// value stays known when its variable or file changes: what was said with the old one may still come. One a process,
/// owned by Application, and filled by whoever resolves a secret, before it is used. Thread-safe.
class SecretVault {
 public:
  /// SecretMasker::check says what is refused.
  Status add(std::string_view secret);
  /// Of all that are known now. Never null.
  [[nodiscard]] std::shared_ptr<const SecretMasker> masker() const;

 private:
  mutable std::mutex mutex_;
  std::set<std::string, std::less<>> secrets_;                                           ///< guarded by mutex_
  std::shared_ptr<const SecretMasker> masker_ = std::make_shared<const SecretMasker>();  ///< guarded by mutex_
};

}  // namespace leeward
