#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <leeward/plugin.h>

#include "host/plugin/plugin_operator.hpp"
#include "host/plugin/service_context.hpp"

namespace leeward {

/// A plugin's C operator as the engine's Operator. Thread-safe. Owned by the registry, which outlives every attempt.
///
/// Instances are made when first needed. An operator that is not LW_OP_CONCURRENT gets one for each attempt that runs
/// at the same time; they are kept and used again.
class AbiOperator final : public PluginOperator {
 public:
  AbiOperator(PluginManifest::Entry entry, std::string settings_json, const ServiceContext& services);
  /// REQUIRES: no attempt is running.
  ~AbiOperator() override;

  void execute(std::shared_ptr<Attempt> attempt) override;

 private:
  [[nodiscard]] bool concurrent() const noexcept { return (entry().flags & LW_OP_CONCURRENT) != 0; }
  Result<void*> take();
  void give_back(void* instance);
  Result<void*> create();

  const std::string settings_json_;
  const ServiceContext& services_;
  std::mutex mutex_;
  std::vector<void*> idle_;  ///< a concurrent operator's only instance stays here while it is used
};

}  // namespace leeward
