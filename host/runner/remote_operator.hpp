#pragma once

#include <cstdint>
#include <memory>

#include "host/plugin/plugin_operator.hpp"
#include "host/runner/runner_process.hpp"

namespace leeward {

/// An operator of a plugin that runs in a process of its own: nothing of the plugin is in this one. Thread-safe. Owned
/// by the registry, which outlives every attempt; the last of a plugin's operators takes its runner along.
class RemoteOperator final : public PluginOperator {
 public:
  /// `op`: its place among the plugin's operators.
  RemoteOperator(PluginManifest::Entry entry, std::uint32_t op, std::shared_ptr<RunnerProcess> runner)
      : PluginOperator(std::move(entry)), op_(op), runner_(std::move(runner)) {}

  void execute(std::shared_ptr<Attempt> attempt) override { runner_->execute(op_, info(), std::move(attempt)); }

 private:
  const std::uint32_t op_;
  std::shared_ptr<RunnerProcess> runner_;
};

}  // namespace leeward
