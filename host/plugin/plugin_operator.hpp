#pragma once

#include <utility>

#include "core/exec/operator.hpp"
#include "host/plugin/plugin_manifest.hpp"

namespace leeward {

/// An operator that a plugin brought, wherever its code runs.
class PluginOperator : public Operator {
 public:
  explicit PluginOperator(PluginManifest::Entry entry) : entry_(std::move(entry)) {}

  [[nodiscard]] const OperatorInfo& info() const noexcept final { return entry_.info; }
  [[nodiscard]] const PluginManifest::Entry& entry() const noexcept { return entry_; }
  [[nodiscard]] bool is_callable() const noexcept { return (entry_.flags & LW_OP_CALLABLE) != 0; }

 private:
  const PluginManifest::Entry entry_;
};

}  // namespace leeward
