#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "core/exec/operator.hpp"
#include "host/runner/uplink.hpp"

namespace leeward {

/// The operators of the host as a plugin in a runner calls them (leeward.call/1), its own included: all run where the
/// host runs them. Each is asked for once and remembered: a host's catalog does not change. Thread-safe.
class RemoteOperators final : public OperatorCatalog, public OperatorSource {
 public:
  explicit RemoteOperators(Uplink& uplink);
  ~RemoteOperators() override;

  /// May wait for the host. Null if there is none.
  [[nodiscard]] const OperatorInfo* find_operator(std::string_view name) const override { return find(false, name); }
  [[nodiscard]] const OperatorInfo* find_callable(std::string_view name) const override { return find(true, name); }
  /// Of those that were asked for.
  [[nodiscard]] std::vector<std::string> operator_names() const override { return {}; }
  [[nodiscard]] std::vector<std::string> callable_names() const override { return {}; }
  [[nodiscard]] Operator& operator_of(const OperatorInfo& info) override;

 private:
  class Callee;
  using Key = std::pair<bool, std::string>;  ///< is it a callable, its name
  [[nodiscard]] const OperatorInfo* find(bool callable, std::string_view name) const;

  Uplink& uplink_;
  mutable std::mutex mutex_;
  mutable std::map<Key, std::unique_ptr<Callee>> callees_;
};

}  // namespace leeward
