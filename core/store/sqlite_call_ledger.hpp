#pragma once

#include "core/store/call_ledger.hpp"
#include "core/store/store_writer.hpp"

namespace leeward {

/// Keeps paid calls in the store, beside the runs they belong to, by the same writer: the intents and answers of all
/// attempts are committed together, with whatever else is. `writer` must outlive it, and calls back. Thread-safe.
class SqliteCallLedger final : public CallLedger {
 public:
  explicit SqliteCallLedger(StoreWriter& writer) : writer_(writer) {}

  void intend(CallKey key, std::function<void(Result<Standing>)> then) override;
  void answered(CallKey key, CallAnswer answer, std::function<void(Status)> then) override;
  void not_made(CallKey key) override;

 private:
  StoreWriter& writer_;
};

}  // namespace leeward
